package io.handfast.benchmarks.h2;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers each request of gRPC by the same message: a thread for each connection. */
final class Service implements AutoCloseable {
  private final ServerSocketChannel server;
  private final byte[] message;
  private final List<SocketChannel> accepted = new CopyOnWriteArrayList<>();

  Service(byte[] message) throws IOException {
    this.message = message;
    this.server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("service-accept").start(this::accept);
  }

  int port() {
    return server.socket().getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel socket = server.accept();
        accepted.add(socket);
        Thread.ofPlatform().daemon().name("service").start(() -> answer(socket));
      }
    } catch (IOException closed) {
      // The end of the benchmark.
    }
  }

  private void answer(SocketChannel socket) {
    try (Answers answers = new Answers(socket)) {
      answers.begin();
      while (true) {
        answers.receive();
        answers.flush();
      }
    } catch (IOException closed) {
      // The sidecar has closed it.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel socket : accepted) {
      socket.close();
    }
  }

  private final class Answers extends FrameTalk {
    private static final int PREFACE_BYTES = 24;

    private final byte[] headAgain = {(byte) 0x88, (byte) 0xbf};
    private final byte[] trailersAgain = {(byte) 0xbe};
    private byte[] head;
    private byte[] trailers;

    Answers(SocketChannel socket) throws IOException {
      super(socket);
      ByteBuffer block = ByteBuffer.allocate(256);
      FrameBytes.indexed(block, 8); // :status 200
      FrameBytes.remembered(block, "content-type", "application/grpc");
      head = FrameBytes.bytes(block);
      block.clear();
      FrameBytes.remembered(block, "grpc-status", "0");
      trailers = FrameBytes.bytes(block);
    }

    void begin() throws IOException {
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
}
