package io.handfast.benchmarks.soak;

import io.handfast.benchmarks.load.Wire;
import io.handfast.benchmarks.soak.SoakLoadMain.Client;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Clients of HTTP/1.1. Each is confined to its thread. */
final class HttpClients {
  private static final int SMALL = 16 * 1024;
  private static final int LARGE = 2 << 20;
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int SIP = 32 * 1024;
  private static final long SIP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private HttpClients() {}

  /** Where connections come from. */
  interface Connecting {
    Socket connect() throws IOException;
  }

  /** So many requests on each connection; the last one says that it is. */
  static Client requests(Connecting connecting, String upstream, int perConnection) {
    return new Client() {
      private @Nullable Socket socket;
      private @Nullable InputStream in;
      private int left;

      @Override
      public boolean exchange(Random random) throws IOException, WrongAnswerException {
        if (socket == null || in == null) {
          socket = open(connecting);
          in = new BufferedInputStream(socket.getInputStream());
          left = perConnection;
        }
        boolean last = --left == 0;
        boolean post = random.nextBoolean();
        byte[] body = Bytes.pattern(random.nextInt(SMALL));
        String path =
            "/%s/%s/%d".formatted(upstream, random.nextBoolean() ? "chunks" : "bytes", body.length);
        send(socket, path, post ? body : null, last);
        String head = head(in);
        Bytes.check(body, Wire.readBody(head, in));
        if (last || "close".equals(Wire.field(head, "connection"))) {
          close();
        }
        return true;
      }

      @Override
      public void close() {
        closeQuietly(socket);
        socket = null;
        in = null;
      }
    };
  }

  /** Resets the connection within a request's body or within an answer's. */
  static Client resets(Connecting connecting, String upstream) {
    return random -> {
      try (Socket socket = open(connecting)) {
        socket.setSoLinger(true, 0);
        if (random.nextBoolean()) {
          String head =
              "POST /%s/bytes/0 HTTP/1.1\r\nhost: soak\r\ncontent-length: %d\r\n\r\n"
                  .formatted(upstream, SMALL);
          socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
          socket.getOutputStream().write(Bytes.pattern(random.nextInt(SMALL)));
        } else {
          // Closed behind it: an error is shorter than what is read here.
          send(socket, "/%s/bytes/%d".formatted(upstream, LARGE), null, true);
          if (random.nextBoolean()) {
            socket.getInputStream().readNBytes(random.nextInt(SMALL));
          }
        }
      }
      return false;
    };
  }

  /** Reads a large answer a sip at a time. */
  static Client slow(Connecting connecting, String upstream) {
    return random -> {
      try (Socket socket = open(connecting)) {
        send(socket, "/%s/chunks/%d".formatted(upstream, LARGE), null, true);
        InputStream in = new BufferedInputStream(new Sipping(socket.getInputStream()), SIP);
        Bytes.check(Bytes.pattern(LARGE), Wire.readBody(head(in), in));
      }
      return true;
    };
  }

  private static Socket open(Connecting connecting) throws IOException {
    Socket socket = connecting.connect();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  private static void send(Socket socket, String path, byte @Nullable [] body, boolean last)
      throws IOException {
    String head =
        "%s %s HTTP/1.1\r\nhost: soak\r\n%s%s\r\n"
            .formatted(
                body == null ? "GET" : "POST",
                path,
                last ? "connection: close\r\n" : "",
                body == null ? "" : "content-length: " + body.length + "\r\n");
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    if (body != null) {
      socket.getOutputStream().write(body);
    }
  }

  private static String head(InputStream in) throws IOException {
    String head = Wire.readHead(in);
    if (head == null) {
      throw new IOException("closed without an answer");
    }
    if (Wire.status(head) != 200) {
      throw new IOException("status " + Wire.status(head));
    }
    return head;
  }

  static void closeQuietly(@Nullable Socket socket) {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is of no use any more.
      }
    }
  }

  /** A stream that nobody is in a hurry to read. */
  private static final class Sipping extends InputStream {
    private final InputStream in;

    Sipping(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      LockSupport.parkNanos(SIP_NANOS);
      return in.read(bytes, offset, Math.min(length, SIP));
    }
  }
}
