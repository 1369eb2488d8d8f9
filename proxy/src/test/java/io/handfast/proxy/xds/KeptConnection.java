package io.handfast.proxy.xds;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** One connection of HTTP/1.1 that is kept. Confined to one thread. */
final class KeptConnection implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader in;
  private final Map<String, String> headers = new HashMap<>();
  private boolean last;

  KeptConnection(int port) {
    this(connect(port));
  }

  KeptConnection(Socket socket) {
    this.socket = socket;
    try {
      socket.setSoTimeout(20_000);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket connect(int port) {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Status and body of the answer. */
  String get() {
    try {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      String status = in.readLine();
      if (status == null) {
        return "closed";
      }
      headers.clear();
      int length = 0;
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        last |= line.equalsIgnoreCase("connection: close");
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
          length = Integer.parseInt(line.substring("content-length: ".length()));
        }
      }
      char[] body = new char[length];
      int read = 0;
      while (read < length) {
        read += in.read(body, read, length - read);
      }
      return status.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length())
          + " "
          + new String(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A field of the last answer; empty if it had none of that name. */
  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** Whether an answer has said that the connection closes. */
  boolean isLast() {
    return last;
  }

  boolean isClosedByPeer() {
    try {
      return in.read() < 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
