package io.handfast.benchmarks.h2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames of HTTP/2 as bytes, with field blocks written by hand: what they say is known before. */
final class FrameBytes {
  static final int HEAD_BYTES = 9;
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int SETTINGS = 4;
  static final int WINDOW_UPDATE = 8;
  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;

  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int WIDE = 1 << 30;

  private FrameBytes() {}

  static void head(ByteBuffer out, int length, int type, int flags, int streamId) {
    out.put((byte) (length >> 16)).putShort((short) length).put((byte) type).put((byte) flags);
    out.putInt(streamId);
  }

  static void headers(ByteBuffer out, int streamId, boolean end, byte[] block) {
    head(out, block.length, HEADERS, END_HEADERS | (end ? END_STREAM : 0), streamId);
    out.put(block);
  }

  static void data(ByteBuffer out, int streamId, boolean end, byte[] bytes) {
    head(out, bytes.length, DATA, end ? END_STREAM : 0, streamId);
    out.put(bytes);
  }

  /** Settings that leave a peer all the window that there is on each stream. */
  static void wideSettings(ByteBuffer out) {
    head(out, 6, SETTINGS, 0, 0);
    out.putShort((short) INITIAL_WINDOW_SIZE).putInt(WIDE);
    windowUpdate(out, WIDE);
  }

  static void settingsAck(ByteBuffer out) {
    head(out, 0, SETTINGS, ACK, 0);
  }

  /** Of the connection. */
  static void windowUpdate(ByteBuffer out, int increment) {
    head(out, 4, WINDOW_UPDATE, 0, 0);
    out.putInt(increment);
  }

  /** A field that the peer is to remember. */
  static void remembered(ByteBuffer out, String name, String value) {
    out.put((byte) 0x40);
    text(out, name);
    text(out, value);
  }

  private static void text(ByteBuffer out, String text) {
    out.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A field of a table. */
  static void indexed(ByteBuffer out, int index) {
    out.put((byte) (0x80 | index));
  }

  static byte[] bytes(ByteBuffer written) {
    byte[] bytes = new byte[written.flip().remaining()];
    written.get(bytes);
    return bytes;
  }
}
