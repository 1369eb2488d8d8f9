package io.handfast.tx.grpc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Another address of a control service, which counts the connections made to it. Thread-safe. */
final class CountingRelay implements AutoCloseable {
  private final ServerSocket listening;
  private final int to;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  CountingRelay(int to) throws IOException {
    this.to = to;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::acceptAll);
  }

  String authority() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket from = listening.accept();
        connections.incrementAndGet();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
        open.addAll(List.of(from, server));
        Thread.ofVirtual().start(() -> copy(from, server));
        Thread.ofVirtual().start(() -> copy(server, from));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void copy(Socket from, Socket into) {
    try (into) {
      from.getInputStream().transferTo(into.getOutputStream());
    } catch (IOException closed) {
      // One of them has gone, and the other goes with it.
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
