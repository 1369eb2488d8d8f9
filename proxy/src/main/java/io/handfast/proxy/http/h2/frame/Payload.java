package io.handfast.proxy.http.h2.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * What a frame carries, where it lies in what was received. One object shows the payload of each
 * frame in turn: it is lent for a call. Sizes are for the caller to check. Confined to the
 * connection's loop.
 */
public final class Payload {
  private ByteBuf in = Unpooled.EMPTY_BUFFER;
  private int at;
  private int end;

  /** What is readable of these bytes, which stay as they are. */
  public static Payload of(ByteBuf bytes) {
    Payload payload = new Payload();
    payload.show(bytes, bytes.readerIndex(), bytes.readableBytes());
    return payload;
  }

  public void show(ByteBuf bytes, int from, int length) {
    in = bytes;
    at = from;
    end = from + length;
  }

  public int length() {
    return end - at;
  }

  public boolean isEmpty() {
    return at == end;
  }

  public int readUnsignedByte() {
    return in.getUnsignedByte(at++);
  }

  public int readUnsignedShort() {
    at += 2;
    return in.getUnsignedShort(at - 2);
  }

  public int readInt() {
    at += 4;
    return in.getInt(at - 4);
  }

  public long readUnsignedInt() {
    at += 4;
    return in.getUnsignedInt(at - 4);
  }

  public long readLong() {
    at += 8;
    return in.getLong(at - 8);
  }

  public void skip(int bytes) {
    at += bytes;
  }

  public void dropLast(int bytes) {
    end -= bytes;
  }

  /** The rest, for longer than the call; to be released. */
  public ByteBuf keep() {
    return in.retainedSlice(at, end - at);
  }

  /** Copies the rest. */
  public void copyTo(byte[] out) {
    in.getBytes(at, out, 0, end - at);
  }

  /** Copies the rest behind what is there. */
  public void appendTo(ByteBuf out) {
    out.writeBytes(in, at, end - at);
  }
}
