package io.handfast.proxy.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * What a frame carries, where it lies in what was received. One object shows the payload of each
 * frame in turn: it is lent for a call. Sizes are for the caller to check. Confined to the
 * connection's loop.
 */
final class Payload {
  private ByteBuf in = Unpooled.EMPTY_BUFFER;
  private int at;
  private int end;

  /** What is readable of these bytes, which stay as they are. */
  static Payload of(ByteBuf bytes) {
    Payload payload = new Payload();
    payload.show(bytes, bytes.readerIndex(), bytes.readableBytes());
    return payload;
  }

  void show(ByteBuf bytes, int from, int length) {
    in = bytes;
    at = from;
    end = from + length;
  }

  int length() {
    return end - at;
  }

  boolean isEmpty() {
    return at == end;
  }

  int readUnsignedByte() {
    return in.getUnsignedByte(at++);
  }

  int readUnsignedShort() {
    at += 2;
    return in.getUnsignedShort(at - 2);
  }

  int readInt() {
    at += 4;
    return in.getInt(at - 4);
  }

  long readUnsignedInt() {
    at += 4;
    return in.getUnsignedInt(at - 4);
  }

  long readLong() {
    at += 8;
    return in.getLong(at - 8);
  }

  void skip(int bytes) {
    at += bytes;
  }

  void dropLast(int bytes) {
    end -= bytes;
  }

  /** The rest, for longer than the call; to be released. */
  ByteBuf keep() {
    return in.retainedSlice(at, end - at);
  }

  /** Copies the rest. */
  void copyTo(byte[] out) {
    in.getBytes(at, out, 0, end - at);
  }

  /** Copies the rest behind what is there. */
  void appendTo(ByteBuf out) {
    out.writeBytes(in, at, end - at);
  }
}
