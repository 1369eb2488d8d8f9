package io.handfast.benchmarks.xds;

import io.handfast.benchmarks.load.Wire;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Two upstreams, {@code 127.0.0.1} and {@code 127.0.0.2} at one port, which say who they are. */
final class Upstreams {
  private static final int BACKLOG = 1024;
  private static final int BODY_BYTES = 1024;

  private Upstreams() {}

  /** Begins to listen; the port. */
  static int start() throws IOException {
    ServerSocket first = new ServerSocket(0, BACKLOG, InetAddress.ofLiteral("127.0.0.1"));
    int port = first.getLocalPort();
    serve(first, "0");
    serve(new ServerSocket(port, BACKLOG, InetAddress.ofLiteral("127.0.0.2")), "1");
    return port;
  }

  private static void serve(ServerSocket server, String name) {
    String head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-upstream: %s\r\ncontent-length: %d\r\n\r\n"
            .formatted(name, BODY_BYTES);
    byte[] answer = (head + "x".repeat(BODY_BYTES)).getBytes(StandardCharsets.US_ASCII);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          while (true) {
            try {
              Socket connection = server.accept();
              Thread.ofPlatform().daemon().start(() -> answer(connection, answer));
            } catch (IOException e) {
              return;
            }
          }
        });
  }

  private static void answer(Socket connection, byte[] answer) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      while (Wire.readHead(in) != null) {
        out.write(answer);
      }
    } catch (IOException e) {
      // The proxy has closed its connection, as it may.
    }
  }
}
