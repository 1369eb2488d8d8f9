package io.handfast.proxy.http.h2;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.h2.frame.FrameReader;
import io.handfast.proxy.http.h2.frame.FrameSink;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderDecoder;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Http2Stats;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both ends of HTTP/2 share: streams by number, settings, windows, and what is done about a
 * peer that breaks the protocol. Confined to the channel's loop.
 */
abstract class H2Connection extends H2Channel implements FrameSink {
  private static final Logger LOG = LoggerFactory.getLogger(H2Connection.class);

  private final Http2Options options;
  private final Http2Stats stats;
  private final Counter protocolErrors;
  private final FrameReader reader;
  private final HeaderDecoder decoder;
  private final FrameOutput frames;
  private final FloodGuard guard;
  private final Keepalive keepalive;
  private final SendScheduler scheduler;
  private final Window window;
  private final StreamTable streams;
  private final PeerSettings peer;
  private boolean processing;

  /**
   * @param bounds of received field sections
   * @param peer its settings, none yet
   * @param bufferLimit bytes that may wait on all streams together before none is writable
   */
  H2Connection(
      Dispatcher dispatcher,
      Duration delayedClose,
      Http2Options options,
      Http2Stats stats,
      Counter protocolErrors,
      HeaderDecoder.Bounds bounds,
      PeerSettings peer,
      int bufferLimit) {
    super(dispatcher, delayedClose);
    this.options = options;
    this.stats = stats;
    this.protocolErrors = protocolErrors;
    this.peer = peer;
    scheduler = new SendScheduler(this, bufferLimit);
    streams = new StreamTable(stats.streamsActive);
    reader = new FrameReader(2 * bounds.maxBytes());
    decoder = new HeaderDecoder(options.hpackTableBytes(), bounds);
    guard = new FloodGuard(options, stats, dispatcher);
    frames = new FrameOutput(this, stats, guard, options.hpackTableBytes());
    keepalive = new Keepalive(this, options.keepalive());
    int size = options.initialConnectionWindowBytes();
    window = isClient() ? Window.shared(size) : new Window(size);
  }

  /** A field section has come, on a stream that is not open. */
  abstract void onNewStream(int streamId, FieldSection section, boolean endStream)
      throws H2Exception;

  /** A field section has come on an open stream. */
  abstract void onFields(H2Stream stream, FieldSection section, boolean endStream)
      throws H2Exception;

  /** Whether a stream of that number was never opened by its side. */
  abstract boolean isIdle(int streamId);

  /** Whether it is we who open streams. */
  abstract boolean isClient();

  /** The peer has said what it takes; more than once if it likes. */
  abstract void onSettled(boolean first);

  abstract void onPong(long data);

  /** A stream has left; the connection may be done. */
  abstract void onStreamClosed();

  final Http2Options options() {
    return options;
  }

  final Http2Stats stats() {
    return stats;
  }

  final FloodGuard guard() {
    return guard;
  }

  final SendScheduler scheduler() {
    return scheduler;
  }

  final Keepalive keepalive() {
    return keepalive;
  }

  final FrameOutput frames() {
    return frames;
  }

  final FrameReader reader() {
    return reader;
  }

  final int streamCount() {
    return streams.size();
  }

  final List<H2Stream> eachStream() {
    return streams.copy();
  }

  // ---- reading

  @Override
  final void process(ByteBuf in) {
    if (processing) {
      return;
    }
    processing = true;
    int frames = 0;
    try {
      while (!isClosing() && readFrame(in)) {
        frames++;
      }
    } finally {
      processing = false;
    }
    if (frames > 0) {
      keepalive.received();
    }
    afterFrames(in, frames > 0);
  }

  /** What could be read has been read; the rest is not complete. */
  abstract void afterFrames(ByteBuf in, boolean progress);

  private boolean readFrame(ByteBuf in) {
    try {
      return beforeFrames(in) && reader.read(in, alloc(), this);
    } catch (H2Exception broken) {
      return onBroken(broken);
    }
  }

  /** What stands before the first frame: true once it has been read. */
  boolean beforeFrames(ByteBuf in) throws H2Exception {
    return true;
  }

  private boolean onBroken(H2Exception broken) {
    LOG.debug("connection {}: {}", context().channel(), broken.reason());
    if (broken.streamId() == 0) {
      protocolErrors.inc();
      goAwayAndClose(broken.error(), broken.reason());
      return false;
    }
    stats.rxMessagingError.inc();
    try {
      breakStream(broken.streamId(), broken.error());
    } catch (H2Exception flood) {
      return onBroken(flood);
    }
    return true;
  }

  /** The peer has broken a stream: it ends on both sides. */
  private void breakStream(int streamId, H2Error error) throws H2Exception {
    H2Stream stream = streams.get(streamId);
    frames.reset(streamId, error);
    if (stream == null) {
      streams.close(streamId, true);
    } else {
      remove(stream, true);
      stream.discard();
      stream.fail(ResetReason.PROTOCOL_ERROR);
    }
    onEarlyReset();
  }

  /** We have no room for a stream, or none any more: it was not looked at. */
  final void refuse(int streamId) throws H2Exception {
    frames.reset(streamId, H2Error.REFUSED_STREAM);
    streams.close(streamId, true);
    onEarlyReset();
  }

  /** A stream was answered by the codec itself, and has never been in the map. */
  final void forget(int streamId, boolean endStream) {
    if (!endStream) {
      frames.reset(streamId, H2Error.NO_ERROR);
    }
    streams.close(streamId, !endStream);
  }

  /** A stream has ended before its response, by the peer's doing. */
  abstract void onEarlyReset() throws H2Exception;

  final void goAwayAndClose(H2Error error, String message) {
    if (!isClosing()) {
      frames.goAway(lastPeerStreamId(), error, message);
      closeAfterFlush();
      failStreams(error == H2Error.NO_ERROR ? ResetReason.SHUTDOWN : ResetReason.PROTOCOL_ERROR);
    }
  }

  /** The last stream of the peer that was or will be looked at. */
  abstract int lastPeerStreamId();

  final void failStreams(ResetReason reason) {
    for (H2Stream stream : eachStream()) {
      remove(stream, true);
      stream.detach();
      stream.fail(reason);
    }
  }

  @Override
  void onInactive() {
    keepalive.close();
    reader.close();
    failStreams(ResetReason.CONNECTION_TERMINATION);
  }

  @Override
  final void onRoom() {
    guard.drained();
    scheduler.run();
  }

  // ---- frames

  @Override
  public final void onPayload(boolean empty) throws H2Exception {
    peer.requireKnown();
    guard.payload(empty);
  }

  @Override
  public final void onDataFrame(int streamId, Payload payload, int flowBytes, boolean endStream)
      throws H2Exception {
    if (!window.receive(flowBytes)) {
      throw H2Exception.connection(
          H2Error.FLOW_CONTROL_ERROR, "DATA: beyond the connection's window (expected: within)");
    }
    if (isClient()) {
      open(window.hold(flowBytes));
    }
    H2Stream stream = streams.get(streamId);
    if (stream != null && !stream.remoteEnded()) {
      stream.receiveData(payload, flowBytes, endStream);
      return;
    }
    taken(null, flowBytes);
    if (stream == null && isIdle(streamId)) {
      throw H2Exception.idle("DATA");
    }
    streams.checkData(streamId, stream != null, isClient());
  }

  @Override
  public final void onHeadersFrame(
      int streamId, Payload block, boolean endStream, boolean selfDependent) throws H2Exception {
    FieldSection section = decoder.decode(block);
    H2Stream stream = streams.get(streamId);
    if (stream == null && !isIdle(streamId)) {
      streams.checkFields(streamId, isClient());
      return;
    }
    if (selfDependent) {
      onNumber(streamId);
      throw H2Exception.dependsOnItself(streamId);
    }
    if (section.isTooLarge()) {
      stats.headerOverflow.inc();
    }
    if (stream == null) {
      onNewStream(streamId, section, endStream);
    } else if (stream.remoteEnded()) {
      throw H2Exception.stream(
          streamId, H2Error.STREAM_CLOSED, "HEADERS: behind the end (expected: nothing)");
    } else {
      onFields(stream, section, endStream);
    }
  }

  /** The peer has used that number, whatever becomes of the stream. */
  abstract void onNumber(int streamId) throws H2Exception;

  @Override
  public final void onPriorityFrame(int streamId, boolean selfDependent) throws H2Exception {
    peer.requireKnown();
    guard.priority();
    if (selfDependent) {
      throw H2Exception.dependsOnItself(streamId);
    }
  }

  @Override
  public final void onResetFrame(int streamId, long code) throws H2Exception {
    peer.requireKnown();
    stats.rxReset.inc();
    H2Stream stream = streams.get(streamId);
    if (stream == null) {
      if (isIdle(streamId)) {
        throw H2Exception.idle("RST_STREAM");
      }
      guard.control();
      return;
    }
    remove(stream, false);
    stream.onRemoteReset(code);
    onEarlyReset();
  }

  @Override
  public final void onSettingsFrame(Payload settings) throws H2Exception {
    guard.control();
    boolean first = !peer.isKnown();
    int windowBefore = peer.initialWindow();
    peer.read(settings);
    frames.encoder().tableSize(peer.leastTableBytes());
    frames.encoder().tableSize(peer.tableBytes());
    for (H2Stream stream : eachStream()) {
      if (!stream.sending().widen((long) peer.initialWindow() - windowBefore)) {
        throw PeerSettings.wrong(
            H2Error.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE", peer.initialWindow());
      }
    }
    frames.settingsAck();
    onSettled(first);
    for (H2Stream stream : eachStream()) { // the window of each may have been opened
      scheduler.send(stream.sending());
    }
  }

  @Override
  public final void onSettingsAck() throws H2Exception {
    peer.requireKnown();
    guard.control();
    decoder.settled();
  }

  @Override
  public final void onPingFrame(long data, boolean ack) throws H2Exception {
    peer.requireKnown();
    guard.control();
    if (!ack) {
      frames.ping(data, true);
    } else if (!keepalive.onPong(data)) {
      onPong(data);
    }
  }

  @Override
  public final void onWindowUpdateFrame(int streamId, int increment) throws H2Exception {
    peer.requireKnown();
    guard.windowUpdate();
    if (streamId == 0) {
      if (!scheduler.widen(increment)) {
        throw H2Exception.connection(H2Error.FLOW_CONTROL_ERROR, "WINDOW_UPDATE: beyond 2^31-1");
      }
      return;
    }
    H2Stream stream = streams.get(streamId);
    if (stream == null) {
      if (isIdle(streamId)) {
        throw H2Exception.idle("WINDOW_UPDATE");
      }
    } else if (stream.sending().widen(increment)) {
      scheduler.send(stream.sending());
    } else {
      throw H2Exception.stream(
          streamId, H2Error.FLOW_CONTROL_ERROR, "WINDOW_UPDATE: beyond 2^31-1");
    }
  }

  @Override
  public final void onUnknownFrame() throws H2Exception {
    peer.requireKnown();
    guard.control();
  }

  // ---- streams

  final void add(H2Stream stream) {
    streams.add(stream);
    stream.sending().open(peer.initialWindow());
    guard.stream();
  }

  /** The stream is no longer one of the connection's. */
  final void remove(H2Stream stream, boolean resetByUs) {
    if (streams.remove(stream, resetByUs) && !isInactive()) {
      onStreamClosed();
    }
  }

  /** Lets a stream go that has ended both ways. */
  final void checkDone(H2Stream stream) {
    if (stream.remoteEnded() && stream.sending().endSent() && !stream.isClosed()) {
      remove(stream, false);
      stream.detach();
    }
  }

  /** We end the stream. */
  final void resetStream(H2Stream stream, H2Error error) {
    boolean open = !stream.isClosed();
    stream.discard();
    if (open) {
      frames.reset(stream.id(), error);
      remove(stream, true);
    }
  }

  /**
   * The receiver has taken so much: window goes back to the peer, which may send as much again. Of
   * an endpoint's connection only the stream's, for the connection's is shared by many clients.
   *
   * @param stream null if it is over: then only the connection's window is opened
   */
  final void taken(@Nullable H2Stream stream, int bytes) {
    if (bytes == 0 || isClosing()) {
      return;
    }
    if (stream != null) {
      stream.giveBack(bytes);
    }
    open(isClient() ? window.letGo(bytes) : window.take(bytes));
  }

  private void open(int increment) {
    if (increment > 0) {
      frames.windowUpdate(0, increment);
    }
  }

  // ---- writing

  /** More waits for the peer than is borne. */
  final void onUnread() {
    protocolErrors.inc();
    goAwayAndClose(H2Error.ENHANCE_YOUR_CALM, "frames: not read (expected: read)");
  }

  /** Says what we take, and opens the connection's window beyond what it begins with. */
  final void writeSettings(int... identifiersAndValues) {
    frames.settings(identifiersAndValues);
    int more = window.size() - Frames.DEFAULT_WINDOW_BYTES;
    if (more > 0) {
      frames.windowUpdate(0, more);
    }
  }
}
