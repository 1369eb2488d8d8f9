package io.handfast.benchmarks.soak;

import io.handfast.benchmarks.soak.HttpClients.Connecting;
import io.handfast.benchmarks.soak.SoakLoadMain.Client;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Clients of TCP pass-through, whose bytes come back. */
final class TcpClients {
  private static final int MOST = 512 * 1024;
  private static final int BUFFER = 16 * 1024;
  private static final int TIMEOUT_MILLIS = 30_000;

  private TcpClients() {}

  /** Sends and reads at the same time, ends its half, and reads to the end. */
  static Client echo(Connecting connecting) {
    return random -> {
      byte[] bytes = Bytes.pattern(1 + random.nextInt(MOST));
      try (Socket socket = connecting.connect()) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
        Thread sending =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    socket.getOutputStream().write(bytes);
                    socket.shutdownOutput();
                  } catch (IOException e) {
                    failure.set(e);
                  }
                });
        long came = drain(socket);
        sending.join();
        IOException failed = failure.get();
        if (failed != null) {
          throw failed;
        }
        if (came != bytes.length) {
          throw new IOException("%d bytes came (expected: %d)".formatted(came, bytes.length));
        }
      }
      return true;
    };
  }

  /** Resets the connection while bytes are on their way. */
  static Client resets(Connecting connecting) {
    return random -> {
      try (Socket socket = connecting.connect()) {
        socket.setSoLinger(true, 0);
        socket.getOutputStream().write(Bytes.pattern(1 + random.nextInt(BUFFER)));
        socket.getInputStream().readNBytes(random.nextInt(2));
      }
      return false;
    };
  }

  private static long drain(Socket socket) throws IOException, WrongAnswerException {
    byte[] buffer = new byte[BUFFER];
    long count = 0;
    for (int read = socket.getInputStream().read(buffer);
        read > 0;
        read = socket.getInputStream().read(buffer)) {
      if (!Bytes.isPattern(buffer, read, count)) {
        throw new WrongAnswerException("other bytes after " + count);
      }
      count += read;
    }
    return count;
  }
}
