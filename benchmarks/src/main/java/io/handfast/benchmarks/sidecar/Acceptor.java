package io.handfast.benchmarks.sidecar;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A service's listening socket on loopback, with a thread for each connection. */
public final class Acceptor implements AutoCloseable {
  /** All connections of a benchmark come at once: one that finds no room waits a second. */
  private static final int BACKLOG = 1024;

  /** What is done with a connection, until it ends. */
  @FunctionalInterface
  public interface Serving {
    /** Serves a connection, and closes it; an error says that the other side has. */
    void serve(SocketChannel socket) throws IOException;
  }

  private final ServerSocketChannel server;
  private final Serving serving;
  private final List<SocketChannel> accepted = new CopyOnWriteArrayList<>();

  /** Begins at once, on a port that was free. */
  public Acceptor(Serving serving) throws IOException {
    this.serving = serving;
    this.server =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    Thread.ofPlatform().daemon().name("service-accept").start(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return server.socket().getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel socket = server.accept();
        accepted.add(socket);
        Thread.ofPlatform().daemon().name("service").start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The end of the benchmark.
    }
  }

  private void serve(SocketChannel socket) {
    try {
      serving.serve(socket);
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
}
