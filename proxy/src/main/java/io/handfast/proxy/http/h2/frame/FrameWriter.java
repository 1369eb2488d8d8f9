package io.handfast.proxy.http.h2.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Writes frames as bytes, behind what a buffer has. Pure but for the buffers. */
public final class FrameWriter {
  private FrameWriter() {}

  public static void head(ByteBuf out, int length, int type, int flags, int streamId) {
    out.writeMedium(length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(streamId);
  }

  /** The head of a DATA frame; the payload follows as it is. */
  public static void dataHead(ByteBuf out, int streamId, int length, boolean endStream) {
    head(out, length, Frames.DATA, endStream ? Frames.END_STREAM : 0, streamId);
  }

  /** A field section: HEADERS, and CONTINUATION if it needs more than one. */
  public static void headers(
      ByteBuf out, int streamId, boolean endStream, byte[] section, int length, int maxFrameBytes) {
    int type = Frames.HEADERS;
    int flags = endStream ? Frames.END_STREAM : 0;
    int at = 0;
    do {
      int part = Math.min(maxFrameBytes, length - at);
      boolean last = at + part == length;
      head(out, part, type, flags | (last ? Frames.END_HEADERS : 0), streamId);
      out.writeBytes(section, at, part);
      at += part;
      type = Frames.CONTINUATION;
      flags = 0;
    } while (at < length);
  }

  /** How many bytes a field section of so many bytes takes with its heads, at most. */
  public static int headersBytes(int sectionBytes, int maxFrameBytes) {
    return sectionBytes + (1 + sectionBytes / maxFrameBytes) * Frames.HEAD_BYTES;
  }

  public static void reset(ByteBuf out, int streamId, H2Error error) {
    head(out, 4, Frames.RST_STREAM, 0, streamId);
    out.writeInt(error.code());
  }

  /** Settings: identifier and value, again and again. */
  public static void settings(ByteBuf out, int... identifiersAndValues) {
    head(out, settingsBytes(identifiersAndValues), Frames.SETTINGS, 0, 0);
    for (int i = 0; i < identifiersAndValues.length; i += 2) {
      out.writeShort(identifiersAndValues[i]);
      out.writeInt(identifiersAndValues[i + 1]);
    }
  }

  public static int settingsBytes(int... identifiersAndValues) {
    return identifiersAndValues.length / 2 * 6;
  }

  public static void settingsAck(ByteBuf out) {
    head(out, 0, Frames.SETTINGS, Frames.ACK, 0);
  }

  public static void ping(ByteBuf out, long data, boolean ack) {
    head(out, 8, Frames.PING, ack ? Frames.ACK : 0, 0);
    out.writeLong(data);
  }

  public static void windowUpdate(ByteBuf out, int streamId, int increment) {
    head(out, 4, Frames.WINDOW_UPDATE, 0, streamId);
    out.writeInt(increment);
  }

  public static void goAway(ByteBuf out, int lastStreamId, H2Error error, String debug) {
    head(out, 8 + debug.length(), Frames.GOAWAY, 0, 0);
    out.writeInt(lastStreamId);
    out.writeInt(error.code());
    ByteBufUtil.writeAscii(out, debug);
  }
}
