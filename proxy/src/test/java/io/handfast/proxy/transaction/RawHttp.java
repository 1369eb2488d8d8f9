package io.handfast.proxy.transaction;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Requests whose answers a test wants to see byte by byte. */
final class RawHttp {
  private RawHttp() {}

  static Socket send(int port, String method, String path, String body, String... headers)
      throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nhost: test\r\n");
    head.append("content-length: ").append(body.length()).append("\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("\r\n").append(body);
    socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  /** The whole answer, on a connection that ends with it. */
  static String post(int port, String path, String body, String header) throws IOException {
    return whole(send(port, "POST", path, body, header, "connection: close"));
  }

  /** The whole answer, where the headers say that the connection ends with it. */
  static String post(int port, String path, String body, String... headers) throws IOException {
    return whole(send(port, "POST", path, body, headers));
  }

  static String get(int port, String path) throws IOException {
    return whole(send(port, "GET", path, "", "connection: close"));
  }

  private static String whole(Socket answering) throws IOException {
    try (Socket socket = answering) {
      socket.setSoTimeout(10_000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
