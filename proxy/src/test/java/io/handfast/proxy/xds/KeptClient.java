package io.handfast.proxy.xds;

import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Keeps its connection as long as it may: an answer that says that the connection closes is the
 * last one on it, and the next request goes on another. One that ends without having said so fails
 * the request that was on its way. Confined to one thread.
 */
final class KeptClient implements AutoCloseable {
  private final Supplier<KeptConnection> connector;
  private KeptConnection connection;
  private final AtomicInteger connections = new AtomicInteger(1);
  private boolean broken;

  KeptClient(int port) {
    this(() -> new KeptConnection(port));
  }

  /**
   * @param connector asked for the next connection when the last one is over
   */
  KeptClient(Supplier<KeptConnection> connector) {
    this.connector = connector;
    this.connection = connector.get();
  }

  /** Status and body of the answer. */
  String get() {
    if (broken || connection.isLast()) {
      connection.close();
      connection = connector.get();
      connections.incrementAndGet();
      broken = false;
    }
    try {
      String answer = connection.get();
      broken = answer.equals("closed");
      return answer;
    } catch (UncheckedIOException e) {
      broken = true;
      throw e;
    }
  }

  /** How many connections it has had; for any thread. */
  int connections() {
    return connections.get();
  }

  @Override
  public void close() {
    connection.close();
  }
}
