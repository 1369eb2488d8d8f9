package io.handfast.proxy.datapath;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port that refuses connections and that nobody else can take meanwhile: it is bound, and not
 * listened on.
 */
final class ClosedPort implements AutoCloseable {
  private final Socket bound = new Socket();

  ClosedPort() throws IOException {
    bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  int number() {
    return bound.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    bound.close();
  }
}
