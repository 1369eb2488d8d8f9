package io.handfast.proxy.xds;

import java.io.UncheckedIOException;

/**
 * Keeps its connection as long as it may: an answer that says that the connection closes is the
 * last one on it, and the next request goes on another. One that ends without having said so fails
 * the request that was on its way. Confined to one thread.
 */
final class KeptClient implements AutoCloseable {
  private final int port;
  private KeptConnection connection;
  private boolean broken;

  KeptClient(int port) {
    this.port = port;
    this.connection = new KeptConnection(port);
  }

  /** Status and body of the answer. */
  String get() {
    if (broken || connection.isLast()) {
      connection.close();
      connection = new KeptConnection(port);
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

  @Override
  public void close() {
    connection.close();
  }
}
