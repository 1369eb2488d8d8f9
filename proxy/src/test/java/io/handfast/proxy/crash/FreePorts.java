package io.handfast.proxy.crash;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports that nobody listens on, below those that the kernel gives to outgoing connections: a
 * sidecar that is started again must find its own still free. None is given twice, to this JVM or
 * to another that lives beside it: the byte of each in a file of this machine stays locked until
 * its JVM ends. Thread-safe.
 */
public final class FreePorts {
  private static final int LOWEST = 12_000;
  private static final int BEHIND_HIGHEST = 32_000;
  private static final int TRIES = 1_000;

  private static @Nullable FileChannel given;

  private FreePorts() {}

  public static synchronized int next() throws IOException {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEHIND_HIGHEST);
      if (isOurs(port) && isFree(port)) {
        return port;
      }
    }
    throw new IOException(
        "no free port found (expected: one of " + LOWEST + " to " + (BEHIND_HIGHEST - 1) + ")");
  }

  private static boolean isOurs(int port) throws IOException {
    FileChannel file = given;
    if (file == null) {
      Path path = Path.of(System.getProperty("java.io.tmpdir"), "handfast-test-ports");
      file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      given = file; // open to the end: closing it would give every port back
    }
    try {
      return file.tryLock(port, 1, false) != null;
    } catch (OverlappingFileLockException e) {
      return false; // given by this JVM
    }
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
