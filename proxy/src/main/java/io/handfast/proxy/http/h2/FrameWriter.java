package io.handfast.proxy.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

/** Writes frames as bytes. Pure but for the buffers. */
final class FrameWriter {
  private FrameWriter() {}

  static void head(ByteBuf out, int length, int type, int flags, int streamId) {
    out.writeMedium(length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(streamId);
  }

  /** The head of a DATA frame; the payload follows as it is. */
  static ByteBuf dataHead(ByteBufAllocator alloc, int streamId, int length, boolean endStream) {
    ByteBuf out = alloc.directBuffer(Frames.HEAD_BYTES);
    head(out, length, Frames.DATA, endStream ? Frames.END_STREAM : 0, streamId);
    return out;
  }

  /** An empty frame head, to be filled by {@link #headers} once its block is behind it. */
  static ByteBuf reserveHead(ByteBufAllocator alloc, int expectedBytes) {
    return alloc.directBuffer(Frames.HEAD_BYTES + expectedBytes).writeZero(Frames.HEAD_BYTES);
  }

  /**
   * Completes a HEADERS frame that was begun with {@link #reserveHead}; splits it if need be.
   *
   * @return the same bytes, or another buffer instead
   */
  static ByteBuf headers(
      ByteBufAllocator alloc, ByteBuf begun, int streamId, boolean endStream, int maxFrameBytes) {
    int length = begun.readableBytes() - Frames.HEAD_BYTES;
    int flags = endStream ? Frames.END_STREAM : 0;
    if (length <= maxFrameBytes) {
      begun.setMedium(0, length);
      begun.setByte(3, Frames.HEADERS);
      begun.setByte(4, flags | Frames.END_HEADERS);
      begun.setInt(5, streamId);
      return begun;
    }
    int frames = (length + maxFrameBytes - 1) / maxFrameBytes;
    ByteBuf out = alloc.directBuffer(length + frames * Frames.HEAD_BYTES);
    begun.skipBytes(Frames.HEAD_BYTES);
    int type = Frames.HEADERS;
    while (begun.isReadable()) {
      int part = Math.min(maxFrameBytes, begun.readableBytes());
      boolean last = part == begun.readableBytes();
      head(out, part, type, flags | (last ? Frames.END_HEADERS : 0), streamId);
      out.writeBytes(begun, part);
      type = Frames.CONTINUATION;
      flags = 0;
    }
    begun.release();
    return out;
  }

  static ByteBuf reset(ByteBufAllocator alloc, int streamId, H2Error error) {
    ByteBuf out = alloc.directBuffer(Frames.HEAD_BYTES + 4);
    head(out, 4, Frames.RST_STREAM, 0, streamId);
    return out.writeInt(error.code());
  }

  /** Settings: identifier and value, again and again. */
  static ByteBuf settings(ByteBufAllocator alloc, int... identifiersAndValues) {
    int length = identifiersAndValues.length / 2 * 6;
    ByteBuf out = alloc.directBuffer(Frames.HEAD_BYTES + length);
    head(out, length, Frames.SETTINGS, 0, 0);
    for (int i = 0; i < identifiersAndValues.length; i += 2) {
      out.writeShort(identifiersAndValues[i]);
      out.writeInt(identifiersAndValues[i + 1]);
    }
    return out;
  }

  static ByteBuf settingsAck(ByteBufAllocator alloc) {
    ByteBuf out = alloc.directBuffer(Frames.HEAD_BYTES);
    head(out, 0, Frames.SETTINGS, Frames.ACK, 0);
    return out;
  }

  static ByteBuf ping(ByteBufAllocator alloc, long data, boolean ack) {
    ByteBuf out = alloc.directBuffer(Frames.HEAD_BYTES + 8);
    head(out, 8, Frames.PING, ack ? Frames.ACK : 0, 0);
    return out.writeLong(data);
  }

  static ByteBuf windowUpdate(ByteBufAllocator alloc, int streamId, int increment) {
    ByteBuf out = alloc.directBuffer(Frames.HEAD_BYTES + 4);
    head(out, 4, Frames.WINDOW_UPDATE, 0, streamId);
    return out.writeInt(increment);
  }

  static ByteBuf goAway(ByteBufAllocator alloc, int lastStreamId, H2Error error, String debug) {
    ByteBuf out = alloc.directBuffer(Frames.HEAD_BYTES + 8 + debug.length());
    head(out, 8 + debug.length(), Frames.GOAWAY, 0, 0);
    out.writeInt(lastStreamId);
    out.writeInt(error.code());
    ByteBufUtil.writeAscii(out, debug);
    return out;
  }
}
