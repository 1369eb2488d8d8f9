package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.field.FieldRules;
import io.handfast.proxy.http.field.WebSocketKey;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request of a client and its response. Calls after its end do nothing. */
final class H2ServerStream extends H2Stream implements HttpStream.Server {
  private final H2ServerConnection server;
  private final boolean isHead;
  private final Tunnel asked;
  private final boolean keyless;
  private HttpStream.@Nullable ServerEvents events;
  private Dispatcher.Timer flushTimer = Dispatcher.Timer.NONE;
  private @Nullable Consumer<Boolean> delivery;
  private boolean headSent;
  private boolean ended;

  H2ServerStream(H2ServerConnection connection, int streamId, RequestHead head) {
    super(connection);
    this.server = connection;
    this.isHead = head.isHead();
    this.asked = head.tunnel();
    this.keyless = asked == Tunnel.UPGRADE && !head.headers().contains(WebSocketKey.FIELD);
    id(streamId);
  }

  void start(RequestHandler handler, RequestHead head, boolean endStream) {
    HttpStream.ServerEvents made = handler.onRequest(this, head, endStream);
    if (!ended) {
      events = made;
    }
  }

  @Override
  HttpStream.@Nullable Events receiver() {
    return events;
  }

  @Override
  public void sendInformational(ResponseHead head) {
    if (!ended && !headSent) {
      write(head, false);
    }
  }

  @Override
  public void sendHead(ResponseHead head, boolean endStream) {
    if (ended) {
      return;
    }
    headSent = true;
    boolean opens = asked.isOpenedBy(head);
    if (opens && !endStream) {
      openTunnel();
    }
    if (opens || head.status() == 204) {
      head.headers().remove("content-length");
    }
    if (opens && keyless) {
      head.headers().remove(WebSocketKey.ACCEPT); // of a key that was ours
    }
    write(head, endStream);
    if (endStream) {
      end();
      sending().endWithHead();
      onEndSent();
    }
  }

  private void write(ResponseHead head, boolean endStream) {
    // HTTP/2 has no 101: an extended CONNECT is accepted by a 200 (RFC 8441 section 5).
    int status = head.isUpgrade() ? 200 : head.status();
    connection.frames().encoder().pseudo(":status", StatusText.of(status));
    connection.frames().headers(id(), head.headers(), endStream);
  }

  @Override
  public void drainConnection() {
    server.drain();
  }

  @Override
  public boolean canSendTrailers(ResponseHead head) {
    return !isHead && !head.hasNoBody();
  }

  @Override
  public void whenDelivered(Consumer<Boolean> told) {
    if (sending().endSent()) {
      connection.whenFlushed(told);
    } else if (isClosed()) {
      told.accept(false);
    } else {
      delivery = told;
    }
  }

  @Override
  public void sendData(Body data, boolean endStream) {
    if (ended) {
      data.clear();
      return;
    }
    if (endStream && !isTunnel()) {
      end();
    }
    sending().data(data, endStream);
    watchFlush();
  }

  @Override
  public void sendTrailers(Headers trailers) {
    if (!ended) {
      end();
      FieldRules.cleanTrailers(trailers, false);
      sending().trailers(trailers);
      watchFlush();
    }
  }

  /** The response is complete; from now on nobody is told anything. */
  private void end() {
    ended = true;
    events = null;
    dropReceived();
  }

  /** A client that does not take the rest would keep it here for ever. */
  private void watchFlush() {
    Duration limit = server.config().config().timeouts().streamIdle();
    if (sending().endQueued() && !sending().endSent() && !isClosed() && limit.isPositive()) {
      flushTimer = connection.dispatcher().schedule(limit, this::onFlushTimeout);
    }
  }

  private void onFlushTimeout() {
    connection.stats().txFlushTimeout.inc();
    connection.resetStream(this, H2Error.INTERNAL_ERROR);
    notDelivered();
  }

  @Override
  void onEndSent() {
    flushTimer.cancel();
    if (delivery != null) {
      connection.whenFlushed(delivery);
      delivery = null;
    }
    if (remoteEnded() || isTunnel()) {
      connection.checkDone(this);
    } else {
      // The rest of the request is not wanted any more (RFC 9113 section 8.1).
      connection.resetStream(this, H2Error.NO_ERROR);
    }
  }

  @Override
  public void reset(ResetReason reason) {
    if (!ended) {
      end();
      // The far end of a tunnel has broken off (RFC 9113 section 8.5).
      boolean broken = isTunnel() && reason == ResetReason.CONNECTION_TERMINATION;
      connection.resetStream(this, broken ? H2Error.CONNECT_ERROR : H2Error.of(reason));
    }
  }

  @Override
  void onRemoteReset(long code) {
    discard();
    ResetReason reason = H2Error.reason(code);
    // A client has nothing to refuse.
    fail(reason == ResetReason.REMOTE_REFUSED ? ResetReason.REMOTE_RESET : reason);
  }

  @Override
  void fail(ResetReason reason) {
    HttpStream.ServerEvents told = events;
    flushTimer.cancel();
    end();
    if (told != null) {
      told.onReset(reason);
    }
    notDelivered();
  }

  private void notDelivered() {
    Consumer<Boolean> told = delivery;
    delivery = null;
    if (told != null) {
      told.accept(false);
    }
  }
}
