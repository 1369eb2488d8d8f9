package io.handfast.benchmarks.h2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Answers each call of gRPC by the same message. Allocates nothing once it is made. */
final class Answers extends FrameTalk {
  private static final int PREFACE_BYTES = 24;

  private final byte[] headAgain = {(byte) 0x88, (byte) 0xbf};
  private final byte[] trailersAgain = {(byte) 0xbe};
  private final byte[] message;
  private byte[] head;
  private byte[] trailers;

  private Answers(SocketChannel socket, byte[] message) throws IOException {
    super(socket);
    this.message = message;
    ByteBuffer block = ByteBuffer.allocate(256);
    FrameBytes.indexed(block, 8); // :status 200
    FrameBytes.remembered(block, "content-type", "application/grpc");
    head = FrameBytes.bytes(block);
    block.clear();
    FrameBytes.remembered(block, "grpc-status", "0");
    trailers = FrameBytes.bytes(block);
  }

  /** Until the other side closes the connection. */
  static void serve(SocketChannel socket, byte[] message) throws IOException {
    try (Answers answers = new Answers(socket, message)) {
      answers.begin();
      while (true) {
        answers.receive();
        answers.flush();
      }
    }
  }

  private void begin() throws IOException {
    skip(PREFACE_BYTES);
    FrameBytes.wideSettings(out);
    flush();
  }

  @Override
  void onFrame(int type, int flags, int streamId, int length) {
    if (type == FrameBytes.SETTINGS && (flags & FrameBytes.ACK) == 0) {
      FrameBytes.settingsAck(out);
    } else if (type == FrameBytes.DATA && (flags & FrameBytes.END_STREAM) != 0) {
      FrameBytes.windowUpdate(out, length);
      FrameBytes.headers(out, streamId, false, head);
      FrameBytes.data(out, streamId, false, message);
      FrameBytes.headers(out, streamId, true, trailers);
      head = headAgain;
      trailers = trailersAgain;
    }
  }
}
