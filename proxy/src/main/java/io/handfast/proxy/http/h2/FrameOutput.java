package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.h2.frame.FrameWriter;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.hpack.HeaderEncoder;
import io.handfast.proxy.stats.Http2Stats;
import io.netty.buffer.ByteBuf;

/**
 * What a connection says to its peer beside data: field sections, and control frames, as many as
 * may wait for a peer that does not read. Confined to the connection's loop.
 */
final class FrameOutput {
  private static final int MAX_FRAME_BYTES = Frames.DEFAULT_MAX_FRAME_BYTES;

  private final H2Connection connection;
  private final Http2Stats stats;
  private final FloodGuard guard;
  private final HeaderEncoder encoder;

  /**
   * @param tableBytes of the table of fields that the peer is to keep, at most
   */
  FrameOutput(H2Connection connection, Http2Stats stats, FloodGuard guard, int tableBytes) {
    this.connection = connection;
    this.stats = stats;
    this.guard = guard;
    this.encoder = new HeaderEncoder(tableBytes);
  }

  HeaderEncoder encoder() {
    return encoder;
  }

  /** The pseudo-header fields that the encoder knows, then these. */
  void headers(int streamId, Headers fields, boolean endStream) {
    if (!mayWrite(false)) {
      encoder.forget();
      return;
    }
    int bytes = encoder.encode(fields);
    ByteBuf out;
    try {
      out = connection.room(FrameWriter.headersBytes(bytes, MAX_FRAME_BYTES));
    } catch (OutOfMemoryError noRoom) { // the encoder's table has what the peer will never hear of
      connection.breakOff();
      throw noRoom;
    }
    FrameWriter.headers(out, streamId, endStream, encoder.section(), bytes, MAX_FRAME_BYTES);
  }

  void reset(int streamId, H2Error error) {
    stats.txReset.inc();
    if (mayWrite(true)) {
      FrameWriter.reset(control(4), streamId, error);
    }
  }

  void ping(long data, boolean ack) {
    if (mayWrite(true)) {
      FrameWriter.ping(control(8), data, ack);
    }
  }

  /** Opens a window, the connection's or a stream's. */
  void windowUpdate(int streamId, int increment) {
    if (mayWrite(true)) {
      FrameWriter.windowUpdate(control(4), streamId, increment);
    }
  }

  void settingsAck() {
    if (mayWrite(true)) {
      FrameWriter.settingsAck(control(0));
    }
  }

  /** Identifier and value, again and again. */
  void settings(int... identifiersAndValues) {
    int bytes = FrameWriter.settingsBytes(identifiersAndValues);
    FrameWriter.settings(control(bytes), identifiersAndValues);
  }

  /**
   * Says that the peer begins no more streams here.
   *
   * @param lastStreamId the last one that was or will be looked at
   */
  void goAway(int lastStreamId, H2Error error, String message) {
    stats.goAwaySent.inc();
    FrameWriter.goAway(control(8 + message.length()), lastStreamId, error, message);
  }

  private ByteBuf control(int bytes) {
    return connection.room(Frames.HEAD_BYTES + bytes);
  }

  private boolean mayWrite(boolean control) {
    if (connection.isClosing()) {
      return false;
    }
    if (connection.hasRoom() || guard.mayQueue(control)) {
      return true;
    }
    connection.onUnread();
    return false;
  }
}
