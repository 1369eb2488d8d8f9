package io.handfast.proxy.tcp;

import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * When a connection stops being copied and is spliced: when one turn of the loop has brought {@link
 * #BULK}, nothing looks inside, and nothing is queued. What talks in small messages is copied, for
 * that costs less.
 *
 * <pre>
 * COPYING ──bulk──► EMPTYING ──nothing is queued──► LEAVING ──not registered any more──► SPLICED
 *    ▲ ▲               │                               │
 *    │ └─bytes came────┘                               │
 *    └─────bytes came──────────────────────────────────┘
 * COPYING ──bulk, but something looks inside, or no pipe is left──► COPIED, for good
 * </pre>
 *
 * <p>Confined to the event loop of both sockets.
 */
final class SpliceSwitch {
  /** As much as a pipe holds. */
  static final int BULK = Splicing.PIPE;

  private enum State {
    COPYING,
    /**
     * For good: what stands in the pipelines does not go, and a pipe that becomes free is for those
     * that come.
     */
    COPIED,
    EMPTYING,
    LEAVING,
    SPLICED
  }

  /** What is told of the switch, beside of what is spliced. */
  interface Owner extends Splice.Owner {
    /** It is spliced from now on. */
    void onSpliced();

    /** It is copied as before: both sockets are to be read. */
    void onCopied();
  }

  private final Owner owner;
  private final Splicing splicing;
  private final TcpEnd downstream;
  private final TcpEnd upstream;
  private State state = State.COPYING;
  private @Nullable Splice splice;

  SpliceSwitch(Owner owner, Splicing splicing, TcpEnd downstream, TcpEnd upstream) {
    this.owner = owner;
    this.splicing = splicing;
    this.downstream = downstream;
    this.upstream = upstream;
  }

  /**
   * Told when so many bytes have come at once and were flushed.
   *
   * @param to where they went
   * @return whether the socket that they came from shall not be read now
   */
  boolean takes(TcpEnd to, int count) {
    if (state == State.COPYING && count >= BULK && isClean(other(to))) {
      if (!isPlain()) {
        state = State.COPIED;
        return false;
      }
      state = State.EMPTYING;
      // A task is followed by those that it begets, before a socket is looked at again.
      to.whenFlushed(() -> to.channel().eventLoop().execute(this::leave));
      return true;
    }
    return state == State.LEAVING || state == State.SPLICED;
  }

  private TcpEnd other(TcpEnd end) {
    return end == downstream ? upstream : downstream;
  }

  /** Whether nothing stands between the sockets but us. */
  private boolean isPlain() {
    return isEpoll(downstream.channel())
        && isEpoll(upstream.channel())
        && upstream.channel().pipeline().get(SslHandler.class) == null
        && downstream.channel().pipeline().toMap().values().stream()
            .allMatch(TcpEnd.class::isInstance);
  }

  private static boolean isEpoll(Channel channel) {
    return channel instanceof AbstractEpollStreamChannel
        && channel.eventLoop() instanceof IoEventLoop loop
        && loop.isCompatible(EpollIoHandle.class);
  }

  private boolean areClean() {
    return isClean(downstream) && isClean(upstream);
  }

  /** Whether nothing is queued for it, and both of its directions are open. */
  private static boolean isClean(TcpEnd end) {
    return end.isOpen() && end.queued() == 0;
  }

  private void leave() {
    if (!areClean()) {
      copyOn(State.COPYING);
    } else if (!begin()) {
      copyOn(State.COPIED);
    } else {
      state = State.LEAVING;
      downstream.leave().addListener(_ -> upstream.leave().addListener(_ -> arrive()));
    }
  }

  private void copyOn(State next) {
    state = next;
    owner.onCopied();
  }

  /** Opens pipes, if there are any left. */
  private boolean begin() {
    if (!splicing.take()) {
      return false;
    }
    try {
      splice =
          new Splice(
              owner, (IoEventLoop) upstream.channel().eventLoop(), splicing, downstream, upstream);
      return true;
    } catch (IOException e) {
      splicing.giveBack();
      return false;
    }
  }

  private void arrive() {
    Splice ready = splice;
    if (ready != null && areClean()) {
      state = State.SPLICED;
      owner.onSpliced();
      ready.start();
      return;
    }
    stop();
    downstream.comeBack();
    upstream.comeBack();
    copyOn(State.COPYING);
  }

  /** One of the sockets is closed. */
  void stop() {
    if (splice != null) {
      splice.stop();
      splice = null;
      splicing.giveBack();
    }
  }
}
