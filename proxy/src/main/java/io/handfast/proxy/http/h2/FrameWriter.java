package io.handfast.proxy.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/** Writes frames as bytes, behind what a buffer has. Pure but for the buffers. */
final class FrameWriter {
  private FrameWriter() {}

  static void head(ByteBuf out, int length, int type, int flags, int streamId) {
    out.writeMedium(length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(streamId);
  }

  /** The head of a DATA frame; the payload follows as it is. */
  static void dataHead(ByteBuf out, int streamId, int length, boolean endStream) {
    head(out, length, Frames.DATA, endStream ? Frames.END_STREAM : 0, streamId);
  }

  /**
   * Puts heads to a field section, which stands in {@code out} behind room for one: HEADERS, and
   * CONTINUATION if it needs more than one.
   *
   * @param begin where that room is
   */
  static void headers(ByteBuf out, int begin, int streamId, boolean endStream, int maxFrameBytes) {
    int length = out.writerIndex() - begin - Frames.HEAD_BYTES;
    int flags = endStream ? Frames.END_STREAM : 0;
    if (length <= maxFrameBytes) {
      setHead(out, begin, length, Frames.HEADERS, flags | Frames.END_HEADERS, streamId);
      return;
    }
    setHead(out, begin, maxFrameBytes, Frames.HEADERS, flags, streamId);
    int firstEnd = begin + Frames.HEAD_BYTES + maxFrameBytes;
    ByteBuf rest = Unpooled.copiedBuffer(out.slice(firstEnd, out.writerIndex() - firstEnd));
    out.writerIndex(firstEnd);
    while (rest.isReadable()) {
      int part = Math.min(maxFrameBytes, rest.readableBytes());
      boolean last = part == rest.readableBytes();
      head(out, part, Frames.CONTINUATION, last ? Frames.END_HEADERS : 0, streamId);
      out.writeBytes(rest, part);
    }
  }

  private static void setHead(ByteBuf out, int at, int length, int type, int flags, int streamId) {
    out.setMedium(at, length);
    out.setByte(at + 3, type);
    out.setByte(at + 4, flags);
    out.setInt(at + 5, streamId);
  }

  /** How many bytes a field section of so many bytes takes with its heads, at most. */
  static int headersBytes(int sectionBytes, int maxFrameBytes) {
    return sectionBytes + (1 + sectionBytes / maxFrameBytes) * Frames.HEAD_BYTES;
  }

  static void reset(ByteBuf out, int streamId, H2Error error) {
    head(out, 4, Frames.RST_STREAM, 0, streamId);
    out.writeInt(error.code());
  }

  /** Settings: identifier and value, again and again. */
  static void settings(ByteBuf out, int... identifiersAndValues) {
    head(out, settingsBytes(identifiersAndValues), Frames.SETTINGS, 0, 0);
    for (int i = 0; i < identifiersAndValues.length; i += 2) {
      out.writeShort(identifiersAndValues[i]);
      out.writeInt(identifiersAndValues[i + 1]);
    }
  }

  static int settingsBytes(int... identifiersAndValues) {
    return identifiersAndValues.length / 2 * 6;
  }

  static void settingsAck(ByteBuf out) {
    head(out, 0, Frames.SETTINGS, Frames.ACK, 0);
  }

  static void ping(ByteBuf out, long data, boolean ack) {
    head(out, 8, Frames.PING, ack ? Frames.ACK : 0, 0);
    out.writeLong(data);
  }

  static void windowUpdate(ByteBuf out, int streamId, int increment) {
    head(out, 4, Frames.WINDOW_UPDATE, 0, streamId);
    out.writeInt(increment);
  }

  static void goAway(ByteBuf out, int lastStreamId, H2Error error, String debug) {
    head(out, 8 + debug.length(), Frames.GOAWAY, 0, 0);
    out.writeInt(lastStreamId);
    out.writeInt(error.code());
    ByteBufUtil.writeAscii(out, debug);
  }
}
