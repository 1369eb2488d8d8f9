package io.handfast.proxy.http.h1;

import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.http.HttpDate;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.field.FieldRules;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1.1 connection. Requests are handled one after the other; what a client sends
 * ahead waits undecoded, and is not read beyond {@link #PIPELINED_BYTES}.
 *
 * <p>The end of the client's input while a request is in flight counts as its disconnect, as in
 * Envoy: a client that has gone cannot be told from one that only closed its sending side.
 */
public final class H1ServerConnection extends H1Connection implements ServerConnection {
  /**
   * How much is read of later requests while one is answered; also what lets a disconnect be seen.
   */
  static final int PIPELINED_BYTES = 64 << 10;

  private final H1ServerConfig config;
  private final HttpTimeouts timeouts;
  private final HeadBlock block;
  private final RequestLine requestLine;
  private final BodyDecoder body;
  private @Nullable H1ServerStream stream;
  private Dispatcher.Timer headTimer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer idleTimer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer closeTimer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer drainTimer = Dispatcher.Timer.NONE;
  private long idleSinceNanos;
  private boolean headTimed;
  private boolean processing;
  private boolean closing;
  private boolean draining;

  /** A connection that is about to be added to a channel's pipeline. */
  public H1ServerConnection(H1ServerConfig config) {
    this.config = config;
    timeouts = config.config().timeouts();
    var limits = config.config().limits();
    block =
        new HeadBlock(
            H1Limits.request(limits.maxRequestHeadersKib() << 10, limits.maxHeadersCount()));
    requestLine = new RequestLine(config.config().http1());
    body = new BodyDecoder(block);
    idleSinceNanos = config.dispatcher().nanoTime();
    watchIdle(timeouts.connectionIdle());
  }

  H1ServerConfig config() {
    return config;
  }

  boolean draining() {
    return draining;
  }

  boolean requestDone() {
    return body.isDone();
  }

  @Override
  void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      while (!closing && (stream == null ? readHead() : readBody(stream))) {
        // Every turn has decoded something.
      }
    } catch (H1Exception refusal) {
      chunk.clear();
      refuse(refusal);
    } finally {
      processing = false;
    }
    if (closing) {
      discardInput();
    } else if (inputEnded() && stream != null && !in().isReadable()) {
      stream.inputEnded();
    }
    updateReading();
  }

  /** The tunnel is open: from here on there are only bytes. */
  void onTunnel() {
    allowHalfClose();
    body.untilClose();
    resumeProcessing();
  }

  /** Both directions of a tunnel have ended. */
  void onTunnelEnd(H1ServerStream ended) {
    if (stream == ended) {
      stream = null;
      closing = true;
      cancelTimers();
      closeBehindOutput();
    }
  }

  private boolean readHead() throws H1Exception {
    skipEmptyLines();
    if (!block.isComplete(in(), false)) {
      timeHead(in().isReadable());
      return false;
    }
    timeHead(false);
    drainTimer.cancel();
    RequestHead head = requestLine.parse(block);
    boolean http10 = head.protocol() == HttpProtocol.HTTP_1_0;
    if (http10 && !config.config().http1().acceptHttp10()) {
      throw new H1Exception(
          426, "http1.http10_not_accepted", "version: HTTP/1.0 (expected: HTTP/1.1)");
    }
    boolean endStream = frame(head, http10);
    if (head.tunnel() == Tunnel.CONNECT) {
      Upgrades.checkConnect(head.headers(), endStream);
      endStream = false;
    } else if (endStream && !http10) {
      head.upgrade(Upgrades.requested(head.headers()));
      endStream = head.upgrade() == null;
    }
    boolean keepAlive =
        http10
            ? head.headers().containsToken("connection", "keep-alive")
            : !head.headers().containsToken("connection", "close");
    FieldRules.removeHopByHop(head.headers());
    H1ServerStream next = new H1ServerStream(this, head, keepAlive && !draining);
    stream = next;
    next.start(config.handler(), head, endStream);
    return true;
  }

  private boolean frame(RequestHead head, boolean http10) throws H1Exception {
    if (Framing.isChunked(head.headers(), http10)) {
      body.chunked();
    } else {
      body.length(Math.max(Framing.contentLength(head.headers()), 0));
    }
    return body.isDone();
  }

  /** A client may send an empty line behind a body (RFC 9112 section 2.2). */
  private void skipEmptyLines() {
    ByteBuf in = in();
    while (in.readableBytes() >= 2 && in.getShort(in.readerIndex()) == (('\r' << 8) | '\n')) {
      in.skipBytes(2);
      block.rewind();
    }
  }

  private boolean readBody(H1ServerStream current) throws H1Exception {
    if (body.isDone() || current.readingStopped()) {
      return false;
    }
    body.decode(this, chunk);
    boolean end = body.isDone();
    if (chunk.isEmpty() && !end) {
      return false;
    }
    if (end && body.trailers() != null) {
      FieldRules.cleanTrailers(body.trailers(), !config.config().http1().enableTrailers());
    }
    current.receive(chunk, end, body.trailers());
    chunk.clear();
    return true;
  }

  @Override
  boolean wantsRead() {
    H1ServerStream current = stream;
    if (closing || current == null) {
      return true;
    }
    return body.isDone() ? in().readableBytes() < PIPELINED_BYTES : !current.readingStopped();
  }

  /** The response has ended: the next request, or the end. */
  void onResponseEnd(H1ServerStream ended, boolean keepAlive) {
    if (stream != ended) {
      return;
    }
    stream = null;
    idleSinceNanos = config.dispatcher().nanoTime();
    if (!keepAlive || !body.isDone()) {
      closeAfterFlush();
    } else {
      if (draining) { // since the response began
        closeSoon();
      }
      resumeProcessing();
    }
  }

  /** The stream was reset by us; the connection cannot be used any more. */
  void onLocalReset(H1ServerStream ended) {
    if (stream != ended) {
      return;
    }
    stream = null;
    closing = true;
    if (ended.endsAtClose()) {
      abort(); // A regular close would look like the regular end of the body.
    } else {
      closeBehindOutput();
    }
  }

  private void refuse(H1Exception refusal) {
    config.stats().cxProtocolError.inc();
    H1ServerStream current = stream;
    stream = null;
    boolean answerable = current == null || !current.headSent();
    if (current == null) {
      config.handler().onRefused(HttpProtocol.HTTP_1_1, refusal.status(), refusal.details());
    } else {
      current.fail(ResetReason.PROTOCOL_ERROR);
    }
    if (answerable) {
      writeRefusal(refusal.status());
    }
    closeAfterFlush();
  }

  private void writeRefusal(int status) {
    byte[] text =
        HttpResponseStatus.valueOf(status).reasonPhrase().getBytes(StandardCharsets.US_ASCII);
    write(
        lines()
            .statusLine(HttpProtocol.HTTP_1_1, status)
            .field("content-type", "text/plain")
            .field("content-length", Integer.toString(text.length))
            .field("date", HttpDate.format(config.dispatcher().currentTimeMillis()))
            .field("server", config.config().serverName())
            .field("connection", "close")
            .end(),
        text.length);
    write(Unpooled.wrappedBuffer(text));
  }

  /**
   * Sends what is queued, then the end; the client's rest is read and dropped for a while, for a
   * close with unread input would destroy the response.
   */
  private void closeAfterFlush() {
    if (closing) {
      return;
    }
    closing = true;
    cancelTimers();
    if (timeouts.delayedClose().isPositive()) {
      closeTimer = config.dispatcher().schedule(timeouts.delayedClose(), () -> context().close());
      flushNow();
      endOutputAndDropInput();
    } else {
      closeBehindOutput();
    }
    if (!processing) {
      discardInput();
      updateReading();
    }
  }

  @Override
  public void drain() {
    if (!draining) {
      draining = true;
      if (stream == null) {
        closeSoon();
      }
    }
  }

  /**
   * No response has told the client: one of its requests may be on its way. A head that has begun
   * to arrive has the time that a head has, and its response tells.
   */
  private void closeSoon() {
    drainTimer =
        config
            .dispatcher()
            .schedule(
                DRAIN_GRACE,
                () -> {
                  if (!in().isReadable()) {
                    config.stats().cxDrainClose.inc();
                    closeAfterFlush();
                  }
                });
  }

  @Override
  public void close() {
    context().close();
  }

  @Override
  void onInactive() {
    cancelTimers();
    closeTimer.cancel();
    closing = true;
    discardInput();
    H1ServerStream current = stream;
    stream = null;
    if (current != null) {
      config.stats().cxDestroyActiveRq.inc();
      current.fail(ResetReason.CONNECTION_TERMINATION);
    }
  }

  @Override
  void onWritability(boolean writable) {
    if (stream != null) {
      stream.writabilityChanged(writable);
    }
  }

  private void timeHead(boolean partial) {
    if (partial == headTimed) {
      return;
    }
    headTimed = partial;
    headTimer.cancel();
    if (partial && !timeouts.requestHeaders().isZero()) {
      headTimer = config.dispatcher().schedule(timeouts.requestHeaders(), this::onHeadTimeout);
    }
  }

  private void onHeadTimeout() {
    config.stats().rqHeaderTimeout.inc();
    config.handler().onRefused(HttpProtocol.HTTP_1_1, 408, "request_header_timeout");
    writeRefusal(408);
    closeAfterFlush();
  }

  /**
   * One timer for the whole connection: it looks when it fires how long the connection has been
   * idle.
   */
  private void watchIdle(Duration delay) {
    if (!timeouts.connectionIdle().isZero()) {
      idleTimer = config.dispatcher().schedule(delay, this::onIdleTimer);
    }
  }

  private void onIdleTimer() {
    Duration idle =
        stream != null
            ? Duration.ZERO
            : Duration.ofNanos(config.dispatcher().nanoTime() - idleSinceNanos);
    Duration rest = timeouts.connectionIdle().minus(idle);
    if (rest.isPositive()) {
      watchIdle(rest);
    } else {
      config.stats().cxIdleTimeout.inc();
      closeAfterFlush();
    }
  }

  private void cancelTimers() {
    headTimer.cancel();
    idleTimer.cancel();
    drainTimer.cancel();
  }

  @Override
  void countReceived(int bytes) {
    config.stats().cxRxBytes.add(bytes);
  }

  @Override
  void countSent(int bytes) {
    config.stats().cxTxBytes.add(bytes);
  }
}
