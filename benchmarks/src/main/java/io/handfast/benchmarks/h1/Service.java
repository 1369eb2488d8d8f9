package io.handfast.benchmarks.h1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers each request without a body by the same bytes: a thread for each connection. */
final class Service implements AutoCloseable {
  private static final int MAX_REQUEST_BYTES = 4096;

  private final ServerSocketChannel server;
  private final byte[] answer;
  private final List<SocketChannel> accepted = new CopyOnWriteArrayList<>();

  Service(byte[] answer) throws IOException {
    this.answer = answer;
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
    try (Talk talk = new Talk(socket, answer, MAX_REQUEST_BYTES)) {
      while (true) {
        talk.receiveHead();
        talk.send();
      }
    } catch (IOException closed) {
      // The sidecar has closed it.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (SocketChannel socket : accepted) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
