package io.handfast.benchmarks.h2;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Frames by one socket: whole ones in, and out what the caller has put. Allocates nothing once it
 * is made; one thread at a time.
 */
abstract class FrameTalk implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;

  final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final SocketChannel socket;

  FrameTalk(SocketChannel socket) throws IOException {
    this.socket = socket;
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** A frame has come; what is answered goes to {@link #out}. */
  abstract void onFrame(int type, int flags, int streamId, int length);

  /** Sends what was put. */
  final void flush() throws IOException {
    out.flip();
    while (out.hasRemaining()) {
      socket.write(out);
    }
    out.clear();
  }

  /** Waits for bytes, and shows the frames that are whole. */
  final void receive() throws IOException {
    receiveBytes();
    in.flip();
    while (in.remaining() >= FrameBytes.HEAD_BYTES) {
      int at = in.position();
      int length = in.getInt(at) >>> 8;
      if (in.remaining() < FrameBytes.HEAD_BYTES + length) {
        break;
      }
      in.position(at + FrameBytes.HEAD_BYTES + length);
      onFrame(in.get(at + 3) & 0xff, in.get(at + 4) & 0xff, in.getInt(at + 5), length);
    }
    in.compact();
  }

  /** Waits for that many bytes, and forgets them. */
  final void skip(int bytes) throws IOException {
    while (in.position() < bytes) {
      receiveBytes();
    }
    in.flip().position(bytes);
    in.compact();
  }

  private void receiveBytes() throws IOException {
    if (socket.read(in) < 0) {
      throw new EOFException("the other side has closed");
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
