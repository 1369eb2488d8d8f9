package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.runtime.Dispatcher;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ConnectTimeoutException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the first address of one endpoint that answers (RFC 8305, "happy eyeballs"): the next
 * one is tried when the one before has failed, or has not answered for {@link #DELAY}. Bound: the
 * addresses of the endpoint, each at most once, all within one timeout. Confined to the loop.
 */
final class AddressRace {
  /** As in Envoy. */
  static final Duration DELAY = Duration.ofMillis(300);

  private final Dispatcher loop;
  private final Attempts attempts;
  private final List<SocketAddress> addresses;
  private final Duration timeout;
  private final Result result;
  private final List<Channel> tried = new ArrayList<>(1);
  private final long startedNanos;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private int next;
  private int pending;
  private boolean over;

  /**
   * @param addresses at least one, best first
   * @param timeout of them all
   */
  AddressRace(
      Dispatcher loop,
      Attempts attempts,
      List<SocketAddress> addresses,
      Duration timeout,
      Result result) {
    this.loop = loop;
    this.attempts = attempts;
    this.addresses = addresses;
    this.timeout = timeout;
    this.result = result;
    this.startedNanos = loop.nanoTime();
  }

  /** Begins an attempt. */
  @FunctionalInterface
  interface Attempts {
    ChannelFuture begin(SocketAddress address, int timeoutMillis);
  }

  /** Told once, on the loop, never inside {@link #start}. */
  interface Result {
    /** It is open, and nothing is on it yet. */
    void onConnected(Channel channel);

    /** None answered; the cause is that of the last to fail. */
    void onFailed(@Nullable Throwable cause);
  }

  /** Begins with the first address. */
  void start() {
    SocketAddress address = addresses.get(next);
    next++;
    pending++;
    long left = timeout.minusNanos(loop.nanoTime() - startedNanos).toMillis();
    ChannelFuture attempt = attempts.begin(address, Math.clamp(left, 1, Integer.MAX_VALUE));
    tried.add(attempt.channel());
    attempt.addListener(
        (ChannelFutureListener)
            settled -> {
              if (settled.isSuccess()) {
                // At once: an endpoint that speaks and ends is read by Netty without being asked.
                settle(settled);
              } else {
                loop.execute(() -> settle(settled));
              }
            });
    if (next < addresses.size()) {
      timer = loop.schedule(DELAY, this::start);
    }
  }

  private void settle(ChannelFuture attempt) {
    pending--;
    if (over) {
      attempt.channel().close();
    } else if (attempt.isSuccess()) {
      end();
      closeOthers(attempt.channel());
      result.onConnected(attempt.channel());
    } else if (next < addresses.size() && !(attempt.cause() instanceof ConnectTimeoutException)) {
      timer.cancel();
      start();
    } else if (pending == 0) {
      end();
      result.onFailed(attempt.cause());
    }
  }

  /** Nobody wants the connection any more: told as a failure, by whoever has it if there is one. */
  void giveUp() {
    tried.forEach(Channel::close);
    if (!over) {
      end();
      loop.execute(() -> result.onFailed(null));
    }
  }

  private void end() {
    over = true;
    timer.cancel();
  }

  private void closeOthers(Channel winner) {
    for (Channel channel : tried) {
      if (!channel.equals(winner)) {
        channel.close();
      }
    }
  }
}
