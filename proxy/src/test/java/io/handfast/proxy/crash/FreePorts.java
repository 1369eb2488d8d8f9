package io.handfast.proxy.crash;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that nobody listens on, below those that the kernel gives to outgoing connections: a
 * sidecar that is started again must find its own still free.
 */
public final class FreePorts {
  private static final int LOWEST = 12_000;
  private static final int BEHIND_HIGHEST = 32_000;
  private static final int TRIES = 1_000;

  private FreePorts() {}

  public static int next() throws IOException {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEHIND_HIGHEST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IOException(
        "no free port found (expected: one of " + LOWEST + " to " + (BEHIND_HIGHEST - 1) + ")");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
