package io.handfast.proxy.http.h2;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderDecoder;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.ClusterStats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * An HTTP/2 connection to an endpoint, by prior knowledge. It takes streams once the endpoint has
 * said how many ({@link ClientConnection.Listener#onAvailable}, for the first time), so that none
 * is refused for their number.
 */
public final class H2ClientConnection extends H2Connection implements ClientConnection {
  /** Envoy's bounds of a response's head. */
  private static final HeaderDecoder.Bounds BOUNDS = new HeaderDecoder.Bounds(60 << 10, 100);

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  /** How long an endpoint that is still sending may read why it was left. */
  private static final Duration DELAYED_CLOSE = Duration.ofSeconds(1);

  private final ClientConnection.Listener listener;
  private final ClusterStats stats;
  private final PeerSettings peer;
  private int nextStreamId = 1;
  private int notSent;
  private boolean settled;
  private boolean goingAway;

  /**
   * A connection that is about to be added to a channel's pipeline.
   *
   * @param bufferLimit bytes that may wait to be sent, on all of its streams together
   */
  public H2ClientConnection(
      ClientConnection.Listener listener,
      Dispatcher dispatcher,
      Http2Options options,
      ClusterStats stats,
      int bufferLimit) {
    this(listener, dispatcher, options, stats, new PeerSettings(false), bufferLimit);
  }

  private H2ClientConnection(
      ClientConnection.Listener listener,
      Dispatcher dispatcher,
      Http2Options options,
      ClusterStats stats,
      PeerSettings peer,
      int bufferLimit) {
    super(
        dispatcher,
        DELAYED_CLOSE,
        options,
        stats.http2,
        stats.cxProtocolError,
        BOUNDS,
        peer,
        bufferLimit);
    this.peer = peer;
    this.listener = listener;
    this.stats = stats;
  }

  @Override
  void onOpen() {
    Http2Options options = options();
    ByteBufUtil.writeAscii(room(PREFACE.length()), PREFACE);
    writeSettings(
        Frames.HEADER_TABLE_SIZE,
        options.hpackTableBytes(),
        Frames.ENABLE_PUSH,
        0,
        Frames.INITIAL_WINDOW_SIZE,
        options.initialStreamWindowBytes(),
        Frames.MAX_HEADER_LIST_SIZE,
        BOUNDS.maxBytes());
    keepalive().start();
  }

  @Override
  void afterFrames(ByteBuf in, boolean progress) {
    // The connect timeout bounds the wait for SETTINGS, the request's own timeouts bound the rest.
  }

  @Override
  public HttpProtocol protocol() {
    return HttpProtocol.HTTP_2;
  }

  @Override
  public int openStreams() {
    return streamCount() + notSent;
  }

  @Override
  public int freeStreams() {
    if (!settled || goingAway || isClosing() || nextStreamId < 0) {
      return 0;
    }
    long most = Math.min(peer.maxStreams(), options().maxConcurrentStreams());
    return (int) Math.max(0, most - openStreams());
  }

  @Override
  public HttpStream.Client newStream(HttpStream.ClientEvents events) {
    if (freeStreams() == 0) {
      throw new IllegalStateException(
          "streams: " + openStreams() + " (expected: room for another)");
    }
    notSent++;
    return new H2ClientStream(this, events);
  }

  /** Whether the endpoint offers extended CONNECT. */
  boolean takesConnectProtocol() {
    return peer.connectProtocol();
  }

  /** The stream's head goes out now: numbers go up in that order. */
  void open(H2ClientStream stream) {
    notSent--;
    keepalive().beforeStream();
    stream.id(nextStreamId);
    nextStreamId += 2;
    add(stream);
  }

  /** The stream was given up before its head was sent. */
  void unused() {
    notSent--;
    listener.onAvailable(this);
  }

  @Override
  void onNumber(int streamId) throws H2Exception {
    throw H2Exception.connection(
        H2Error.PROTOCOL_ERROR, "HEADERS: stream " + streamId + " (expected: one of ours)");
  }

  @Override
  void onNewStream(int streamId, FieldSection section, boolean endStream) throws H2Exception {
    onNumber(streamId);
  }

  @Override
  boolean isIdle(int streamId) {
    // Behind the last number the next one is negative: then all have been used.
    return (streamId & 1) == 0 || (nextStreamId > 0 && streamId >= nextStreamId);
  }

  @Override
  boolean isClient() {
    return true;
  }

  @Override
  void onFields(H2Stream stream, FieldSection section, boolean endStream) throws H2Exception {
    H2ClientStream ours = (H2ClientStream) stream;
    if (ours.headReceived()) {
      stream.receiveTrailers(section, endStream);
    } else {
      ours.receiveHead(section, endStream);
    }
  }

  @Override
  void onEarlyReset() {
    // A service that resets many streams hurts itself.
  }

  @Override
  void onSettled(boolean first) {
    settled = true;
    listener.onAvailable(this);
  }

  @Override
  void onPong(long data) {}

  /** Streams above the last one were not looked at; the others go on, and then it is over. */
  @Override
  public void onGoAwayFrame(int lastStreamId, long code) throws H2Exception {
    guard().control();
    if (!goingAway) {
      goingAway = true;
      stats.cxCloseNotify.inc();
    }
    for (H2Stream stream : eachStream()) {
      if (stream.id() > lastStreamId) {
        remove(stream, true);
        stream.discard();
        stats().streamRefusedErrors.inc();
        stream.fail(ResetReason.REMOTE_REFUSED);
      }
    }
    closeIfGone();
  }

  @Override
  int lastPeerStreamId() {
    return 0;
  }

  @Override
  void onStreamClosed() {
    listener.onAvailable(this);
    closeIfGone();
  }

  private void closeIfGone() {
    if (goingAway && openStreams() == 0) {
      close();
    }
  }

  @Override
  void onInactive() {
    if (streamCount() > 0) {
      stats.cxDestroyWithActiveRq.inc();
    }
    super.onInactive();
    listener.onClosed(this);
  }

  @Override
  public SocketAddress remote() {
    return context().channel().remoteAddress();
  }

  @Override
  public SocketAddress local() {
    return context().channel().localAddress();
  }

  @Override
  public void drain() {
    goingAway = true;
    closeIfGone();
  }

  @Override
  public void close() {
    if (!isClosing() && context().channel().isActive()) {
      frames().goAway(0, H2Error.NO_ERROR, "");
      flushAndClose();
    } else {
      context().close();
    }
  }

  @Override
  void countReceived(int bytes) {
    stats.cxRxBytes.add(bytes);
  }

  @Override
  void countSent(int bytes) {
    stats.cxTxBytes.add(bytes);
  }
}
