package io.handfast.proxy.datapath;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A service that is a script: each accepted connection runs it on a thread of its own. */
final class RawService implements AutoCloseable {
  private final ServerSocket socket;
  private final Consumer<RawConnection> script;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<RawConnection> open = new CopyOnWriteArrayList<>();

  private RawService(ServerSocket socket, Consumer<RawConnection> script) {
    this.socket = socket;
    this.script = script;
    Thread.ofVirtual().start(this::acceptAll);
  }

  static RawService running(Consumer<RawConnection> script) {
    try {
      return running(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** On a socket of the test's choice, such as one with TLS. */
  static RawService running(ServerSocket socket, Consumer<RawConnection> script) {
    return new RawService(socket, script);
  }

  /** Answers every request that has no body with that response. */
  static RawService answering(String response) {
    return running(connection -> {
      while (!connection.readHead().isEmpty()) {
        connection.send(response);
      }
    });
  }

  private void acceptAll() {
    while (!socket.isClosed()) {
      try {
        RawConnection connection = new RawConnection(socket.accept());
        connections.incrementAndGet();
        open.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(RawConnection connection) {
    try (connection) {
      script.accept(connection);
    } catch (UncheckedIOException gone) {
      // The proxy closed the connection: what the client sees is what is tested.
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  /** How many connections were accepted. */
  int connections() {
    return connections.get();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open.forEach(RawConnection::close);
  }
}
