package io.handfast.proxy.http.h2;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.field.HostSyntax;
import io.handfast.proxy.http.h2.frame.FrameReader;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderDecoder;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * A client's HTTP/2 connection, by prior knowledge; behind TLS the same object will be chosen by
 * ALPN. Drains with two GOAWAY frames: the first says that there will be no more streams, the
 * second, once the client must have read it, which was the last one (RFC 9113 section 6.8).
 */
public final class H2ServerConnection extends H2Connection implements ServerConnection {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final long DRAIN_PING = 0x647261696e696e67L;

  private final H2ServerConfig config;
  private final HttpTimeouts timeouts;
  private Dispatcher.Timer headTimer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer idleTimer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer drainTimer = Dispatcher.Timer.NONE;
  private Draining draining = Draining.NO;
  private long idleSinceNanos;
  private int prefaceRead;
  private int lastStreamId;
  private int timedBlock;
  private boolean headTimed;

  private enum Draining {
    NO,
    /** The first GOAWAY is out. */
    ANNOUNCED,
    /** And the second. */
    FINAL
  }

  /** A connection that is about to be added to a channel's pipeline. */
  public H2ServerConnection(H2ServerConfig config) {
    super(
        config.dispatcher(),
        config.config().timeouts().delayedClose(),
        config.config().http2(),
        config.stats().http2,
        config.stats().cxProtocolError,
        new HeaderDecoder.Bounds(
            config.config().limits().maxRequestHeadersKib() << 10,
            config.config().limits().maxHeadersCount()),
        new PeerSettings(true),
        config.bufferLimit());
    this.config = config;
    timeouts = config.config().timeouts();
  }

  /**
   * Whether bytes are the begin of an HTTP/2 connection: 1 if they are, -1 if they are not, 0 as
   * long as they may become it.
   */
  public static int looksLikePreface(ByteBuf in) {
    int count = Math.min(in.readableBytes(), PREFACE.length);
    for (int i = 0; i < count; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
        return -1;
      }
    }
    return count == PREFACE.length ? 1 : 0;
  }

  H2ServerConfig config() {
    return config;
  }

  @Override
  void onOpen() {
    Http2Options options = options();
    int[] settings = {
      Frames.HEADER_TABLE_SIZE,
      options.hpackTableBytes(),
      Frames.MAX_CONCURRENT_STREAMS,
      options.maxConcurrentStreams(),
      Frames.INITIAL_WINDOW_SIZE,
      options.initialStreamWindowBytes(),
      Frames.MAX_HEADER_LIST_SIZE,
      config.config().limits().maxRequestHeadersKib() << 10,
      Frames.ENABLE_CONNECT_PROTOCOL,
      1
    };
    writeSettings(options.allowConnect() ? settings : Arrays.copyOf(settings, settings.length - 2));
    idleSinceNanos = dispatcher().nanoTime();
    watchIdle(timeouts.connectionIdle());
    keepalive().start();
  }

  @Override
  boolean beforeFrames(ByteBuf in) throws H2Exception {
    while (prefaceRead < PREFACE.length && in.isReadable()) {
      if (in.readByte() != PREFACE[prefaceRead]) {
        throw H2Exception.connection(
            H2Error.PROTOCOL_ERROR, "preface: another protocol (expected: HTTP/2)");
      }
      prefaceRead++;
    }
    return prefaceRead == PREFACE.length;
  }

  /** Nothing else can come while a field section is not complete: that has its time. */
  @Override
  void afterFrames(ByteBuf in, boolean progress) {
    if (isClosing()) {
      timeHead(false);
    } else if (reader().inBlock()) {
      if (timedBlock != reader().blocks()) {
        timedBlock = reader().blocks();
        timeHead(false);
      }
      timeHead(true);
    } else {
      if (progress) {
        timeHead(false);
      }
      timeHead(prefaceRead < PREFACE.length || FrameReader.mayBeHeaders(in));
    }
  }

  // ---- requests

  @Override
  void onNumber(int streamId) throws H2Exception {
    if ((streamId & 1) == 0 || streamId <= lastStreamId) {
      throw H2Exception.connection(
          H2Error.PROTOCOL_ERROR, "HEADERS: stream " + streamId + " (expected: a new odd number)");
    }
    lastStreamId = streamId;
  }

  @Override
  boolean isIdle(int streamId) {
    return (streamId & 1) == 0 || streamId > lastStreamId;
  }

  @Override
  boolean isClient() {
    return false;
  }

  @Override
  void onNewStream(int streamId, FieldSection section, boolean endStream) throws H2Exception {
    onNumber(streamId);
    if (draining == Draining.FINAL || streamCount() >= options().maxConcurrentStreams()) {
      refuse(streamId);
      return;
    }
    if (section.isTooLarge()) {
      answer(streamId, 431, "http2.headers_too_large", endStream);
      return;
    }
    RequestHead head;
    long length;
    try {
      head = Heads.request(streamId, section, options().allowConnect());
      length = Heads.length(streamId, head.headers());
      if (endStream && length > 0) {
        throw Heads.malformed(streamId, "no body where content-length says one");
      }
    } catch (H2Exception malformed) {
      config.handler().onRefused(HttpProtocol.HTTP_2, 0, "http2.violation.of.messaging.rule");
      throw malformed;
    }
    begin(streamId, head, length, endStream);
  }

  private void begin(int streamId, RequestHead head, long length, boolean endStream)
      throws H2Exception {
    boolean tunnel = head.tunnel() != Tunnel.NONE;
    if (head.tunnel() == Tunnel.CONNECT && !HostSyntax.isAuthorityForm(head.authority())) {
      answer(streamId, 400, "http2.bad_target", endStream);
      return;
    }
    H2ServerStream stream = new H2ServerStream(this, streamId, head);
    stream.expectLength(length);
    add(stream);
    if (endStream && !tunnel) {
      stream.endedWithHead();
    }
    stream.start(config.handler(), head, endStream && !tunnel);
    if (endStream && tunnel) {
      stream.receiveEnd(null); // the client's direction is over before it is open
    }
  }

  /** The codec's own answer to a request that does not become a stream. */
  private void answer(int streamId, int status, String details, boolean endStream)
      throws H2Exception {
    config.handler().onRefused(HttpProtocol.HTTP_2, status, details);
    Headers fields = new Headers(4);
    fields.add("content-length", "0").add("server", config.config().serverName());
    frames().encoder().pseudo(":status", StatusText.of(status));
    frames().headers(streamId, fields, true);
    forget(streamId, endStream);
    onEarlyReset();
  }

  @Override
  void onFields(H2Stream stream, FieldSection section, boolean endStream) throws H2Exception {
    stream.receiveTrailers(section, endStream);
  }

  @Override
  void onEarlyReset() throws H2Exception {
    guard().earlyReset();
  }

  // ---- what a client says about the connection

  @Override
  void onSettled(boolean first) {}

  @Override
  public void onGoAwayFrame(int lastStream, long code) throws H2Exception {
    guard().control();
    // The client begins no more streams; those that are open go on.
    if (draining == Draining.NO && streamCount() == 0) {
      goAwayAndClose(H2Error.NO_ERROR, "");
    }
  }

  @Override
  int lastPeerStreamId() {
    return lastStreamId;
  }

  // ---- the end

  @Override
  void onStreamClosed() {
    if (streamCount() == 0) {
      idleSinceNanos = dispatcher().nanoTime();
      closeIfDrained();
    }
  }

  @Override
  public void drain() {
    if (draining != Draining.NO || isClosing()) {
      return;
    }
    draining = Draining.ANNOUNCED;
    stats().goAwaySent.inc();
    frames().goAway(Integer.MAX_VALUE, H2Error.NO_ERROR, "");
    frames().ping(DRAIN_PING, false);
    drainTimer = dispatcher().schedule(DRAIN_GRACE, this::finishDrain);
  }

  @Override
  void onPong(long data) {
    if (data == DRAIN_PING) {
      finishDrain();
    }
  }

  private void finishDrain() {
    if (draining == Draining.ANNOUNCED && !isClosing()) {
      drainTimer.cancel();
      draining = Draining.FINAL;
      frames().goAway(lastStreamId, H2Error.NO_ERROR, "");
      closeIfDrained();
    }
  }

  private void closeIfDrained() {
    if (draining == Draining.FINAL && streamCount() == 0 && !isClosing()) {
      config.stats().cxDrainClose.inc();
      closeAfterFlush();
    }
  }

  @Override
  public void close() {
    context().close();
  }

  @Override
  void onInactive() {
    headTimer.cancel();
    idleTimer.cancel();
    drainTimer.cancel();
    if (streamCount() > 0) {
      config.stats().cxDestroyActiveRq.inc();
    }
    super.onInactive();
  }

  // ---- timeouts

  private void timeHead(boolean partial) {
    if (partial == headTimed) {
      return;
    }
    headTimed = partial;
    headTimer.cancel();
    if (partial && timeouts.requestHeaders().isPositive()) {
      headTimer = dispatcher().schedule(timeouts.requestHeaders(), this::onHeadTimeout);
    }
  }

  private void onHeadTimeout() {
    config.stats().rqHeaderTimeout.inc();
    goAwayAndClose(H2Error.ENHANCE_YOUR_CALM, "HEADERS: not complete in time");
  }

  /** One timer for the whole connection: it looks when it fires how long that has been idle. */
  private void watchIdle(Duration delay) {
    if (timeouts.connectionIdle().isPositive()) {
      idleTimer = dispatcher().schedule(delay, this::onIdleTimer);
    }
  }

  private void onIdleTimer() {
    Duration idle =
        streamCount() > 0
            ? Duration.ZERO
            : Duration.ofNanos(dispatcher().nanoTime() - idleSinceNanos);
    Duration rest = timeouts.connectionIdle().minus(idle);
    if (rest.isPositive()) {
      watchIdle(rest);
    } else {
      config.stats().cxIdleTimeout.inc();
      goAwayAndClose(H2Error.NO_ERROR, "");
    }
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
