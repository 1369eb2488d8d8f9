package io.handfast.benchmarks.xds;

import io.handfast.benchmarks.load.Wire;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Asks the proxy until it answers what is expected. Confined to its thread. */
final class Probe implements AutoCloseable {

  /** Between two requests: what the proxy is asked must not be what keeps it busy. */
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final int port;
  private @Nullable Socket socket;

  Probe(int port) {
    this.port = port;
  }

  /**
   * When the cluster of that route answers, by {@link System#nanoTime}.
   *
   * @param expected which upstream is to answer; empty: any
   */
  long answers(int cluster, String expected) throws InterruptedException {
    long begun = System.nanoTime();
    while (true) {
      String said = ask(cluster);
      long now = System.nanoTime();
      if (said.startsWith("200 " + expected)) {
        return now;
      }
      if (now - begun > PATIENCE_NANOS) {
        throw new IllegalStateException(
            "cluster " + cluster + ": " + said + " (expected: 200 " + expected + ")");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /** Status and upstream; what went wrong if there is no answer. */
  private String ask(int cluster) {
    try {
      Socket open = socket;
      if (open == null) {
        open = new Socket(InetAddress.getLoopbackAddress(), port);
        open.setTcpNoDelay(true);
        socket = open;
      }
      String request = "GET /" + World.name(cluster) + "/ HTTP/1.1\r\nhost: probe\r\n\r\n";
      open.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = new BufferedInputStream(open.getInputStream());
      String head = Wire.readHead(in);
      if (head == null) {
        throw new IOException("closed");
      }
      Wire.skipBody(head, in);
      String upstream = Wire.field(head, "x-upstream");
      if ("close".equals(Wire.field(head, "connection"))) {
        close();
      }
      return Wire.status(head) + " " + (upstream == null ? "" : upstream);
    } catch (IOException e) {
      close();
      return String.valueOf(e.getMessage());
    }
  }

  @Override
  public void close() {
    Socket open = socket;
    socket = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It is of no use any more.
      }
    }
  }
}
