package io.handfast.proxy.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * What is on its way to the socket: frames one behind the other in one buffer, with small payloads
 * copied in between, so that a turn of the loop costs one buffer and the socket sees few pieces; a
 * large payload stands between them as it is. While the socket takes nothing, the rest of the
 * buffer is used on: what waits takes no more memory than it has bytes. Confined to the channel's
 * loop.
 */
final class SendBuffer {
  /** Of a buffer; more for a frame that needs more. */
  private static final int BYTES = 16 << 10;

  /** Up to here a copy is cheaper than another piece for the socket. */
  private static final int MOST_COPIED = 4096;

  private final H2Channel channel;
  private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

  SendBuffer(H2Channel channel) {
    this.channel = channel;
  }

  /** Room for that many bytes, behind what was written before; they are to be written at once. */
  ByteBuf room(int bytes) {
    if (buffer.writableBytes() < bytes) {
      handOver();
      ByteBuf next = channel.alloc().directBuffer(Math.max(bytes, BYTES));
      buffer.release();
      buffer = next;
    }
    return buffer;
  }

  /** Appends bytes that exist already; takes over their reference. */
  void add(ByteBuf bytes) {
    int length = bytes.readableBytes();
    if (length <= MOST_COPIED) {
      room(length).writeBytes(bytes);
      bytes.release();
    } else {
      handOver();
      send(bytes);
    }
  }

  /** Gives the channel what was written; it is still to be flushed. */
  void handOver() {
    if (buffer.isReadable()) {
      send(buffer.readRetainedSlice(buffer.readableBytes()));
    }
  }

  private void send(ByteBuf bytes) {
    channel.countSent(bytes.readableBytes());
    channel.context().write(bytes, channel.context().voidPromise());
  }

  /** A flush is over, in which more may have been written. */
  void flushed() {
    if (buffer.refCnt() == 1 && !buffer.isReadable()) {
      close();
    }
  }

  /** Forgets what was not handed over. */
  void close() {
    buffer.release();
    buffer = Unpooled.EMPTY_BUFFER;
  }
}
