package io.handfast.proxy.datapath;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A socket and text, one character a byte. A read that takes too long fails the test instead of
 * hanging it.
 */
final class RawConnection implements AutoCloseable {
  private static final int READ_TIMEOUT_MS = 20_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  RawConnection(Socket socket) {
    try {
      this.socket = socket;
      socket.setSoTimeout(READ_TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      in = socket.getInputStream();
      out = socket.getOutputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RawConnection to(int port) {
    try {
      return new RawConnection(new Socket(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawConnection send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawConnection send(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a byte that TCP calls urgent: who does not ask for such bytes gets only the others. */
  RawConnection sendUrgent(char urgent) {
    try {
      socket.sendUrgentData(urgent);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The next message's head, in lower case but for what stands behind a colon; empty at the end of
   * the connection.
   */
  String readHead() {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = read();
      if (next < 0) {
        return head.toString();
      }
      head.append((char) next);
    }
    return lowerCaseNames(head.toString());
  }

  @SuppressWarnings("StringSplitter") // Trailing empty lines do not matter here.
  private static String lowerCaseNames(String head) {
    StringBuilder result = new StringBuilder();
    for (String line : head.split("(?<=\r\n)")) {
      int colon = line.indexOf(':');
      boolean field = !result.isEmpty() && colon > 0;
      result.append(
          field ? line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon) : line);
    }
    return result.toString();
  }

  String readExactly(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int next = read();
      if (next < 0) {
        throw new UncheckedIOException(
            new EOFException("bytes: " + i + " (expected: " + count + "): " + text));
      }
      text.append((char) next);
    }
    return text.toString();
  }

  /** Up to and with that text. */
  String readUntil(String end) {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith(end)) {
      int next = read();
      if (next < 0) {
        throw new UncheckedIOException(
            new EOFException("text: " + text + " (expected: " + end + ")"));
      }
      text.append((char) next);
    }
    return text.toString();
  }

  /** Everything up to the end of the connection, also if it is reset. */
  String readToEnd() {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    for (int next = read(); next >= 0; next = read()) {
      rest.write(next);
    }
    return rest.toString(StandardCharsets.ISO_8859_1);
  }

  /** Everything up to the end, which must be a regular one. */
  String readToFin() {
    try {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads on until the connection is reset; what comes before does not matter. */
  boolean isReset() {
    try {
      return in.readAllBytes().length < 0;
    } catch (SocketException reset) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many bytes were read into the buffer; -1 at the end. */
  int read(byte[] buffer) {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next byte; -1 at the end, be it a regular one or a reset. */
  private int read() {
    try {
      return in.read();
    } catch (SocketException reset) {
      return -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void finishSending() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
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
