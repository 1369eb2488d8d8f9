package io.handfast.benchmarks.load;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Answers every request without a body with 200 and so many bytes: {@code UpstreamMain PORT BYTES}.
 */
public final class UpstreamMain {
  private static final int BACKLOG = 1024;

  private UpstreamMain() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws IOException {
    byte[] answer = answer(Integer.parseInt(args[1]));
    try (ServerSocket server =
        new ServerSocket(Integer.parseInt(args[0]), BACKLOG, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket connection = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(connection, answer));
      }
    }
  }

  private static byte[] answer(int bytes) {
    String head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: %d\r\n\r\n"
            .formatted(bytes);
    return (head + "x".repeat(bytes)).getBytes(StandardCharsets.US_ASCII);
  }

  private static void serve(Socket connection, byte[] answer) {
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
