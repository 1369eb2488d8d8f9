package io.handfast.proxy.transaction;

import io.handfast.proxy.http.Body;
import io.netty.buffer.ByteBuf;

/**
 * Counts the messages of a body of gRPC as it goes by: each has a byte of flags and four of its
 * length in front. Confined to the stream's event loop.
 */
final class MessageCounter {
  private static final int PREFIX = 5;

  private int begun;
  private int ofPrefix;
  private long length;
  private long left;

  /** How many messages have begun with that piece and those before it. */
  int begun(Body piece) {
    for (int i = 0; i < piece.sliceCount(); i++) {
      count(piece.slice(i));
    }
    return begun;
  }

  private void count(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (left > 0) {
        int skipped = (int) Math.min(left, end - at);
        at += skipped;
        left -= skipped;
      } else {
        prefix(bytes.getUnsignedByte(at++));
      }
    }
  }

  private void prefix(int next) {
    if (ofPrefix == 0) {
      begun++;
      length = 0;
    } else {
      length = length << 8 | next;
    }
    ofPrefix++;
    if (ofPrefix == PREFIX) {
      ofPrefix = 0;
      left = length;
    }
  }
}
