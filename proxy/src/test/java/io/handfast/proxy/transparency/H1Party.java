package io.handfast.proxy.transparency;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One end of HTTP/1.1, byte by byte. */
final class H1Party implements Party {
  private static final int READ_TIMEOUT_MS = 20_000;

  /** How the end of a body is known. */
  private enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    BYTES
  }

  private final Socket wire;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private Framing sending = Framing.NONE;
  private Framing receiving = Framing.NONE;
  private long left;
  private String method = "";

  H1Party(Socket socket) {
    this(socket, socket);
  }

  /**
   * @param wire what carries the socket, to be broken off without a word of TLS
   */
  H1Party(Socket socket, Socket wire) {
    try {
      this.wire = wire;
      this.socket = socket;
      socket.setSoTimeout(READ_TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes bytes past all framing. */
  H1Party raw(String text) {
    try {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void send(boolean end, String... fields) {
    Head head = new Head(pairs(fields));
    StringBuilder text = new StringBuilder();
    String status = head.value(":status");
    if (status == null) {
      method = String.valueOf(head.value(":method"));
      String target = method.equals("CONNECT") ? head.value(":authority") : head.value(":path");
      text.append(method).append(' ').append(target).append(" HTTP/1.1\r\nhost: ");
      text.append(head.value(":authority")).append("\r\n");
    } else {
      text.append("HTTP/1.1 ").append(status).append(" X\r\n");
    }
    for (String field : head.fields()) {
      if (!field.startsWith(":")) {
        text.append(field).append("\r\n");
      }
    }
    boolean message = (status == null || status.charAt(0) != '1') && !head.has("upgrade");
    if (head.has("content-length")) {
      sending = Framing.LENGTH;
    } else if (!end && message && !method.equals("CONNECT")) {
      sending = Framing.CHUNKED;
      text.append("transfer-encoding: chunked\r\n");
    }
    raw(text.append("\r\n").toString());
  }

  private static List<String> pairs(String... fields) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      pairs.add(fields[i] + ": " + fields[i + 1]);
    }
    return pairs;
  }

  @Override
  public void data(String text) {
    raw(
        sending == Framing.CHUNKED
            ? Integer.toHexString(text.length()) + "\r\n" + text + "\r\n"
            : text);
  }

  @Override
  public void end() {
    if (sending == Framing.CHUNKED) {
      raw("0\r\n\r\n");
    } else if (sending == Framing.BYTES) {
      try {
        socket.shutdownOutput();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void trailers(String... fields) {
    raw("0\r\n" + String.join("\r\n", pairs(fields)) + "\r\n\r\n");
  }

  @Override
  public void reset() {
    try {
      wire.setSoLinger(true, 0);
      wire.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  @SuppressWarnings("StringSplitter") // Three parts, the last of which may be empty.
  public Head head() {
    String[] start = line().split(" ", 3);
    List<String> fields = new ArrayList<>();
    if (start[0].startsWith("HTTP/")) {
      fields.add(":status: " + start[1]);
    } else if (start.length == 3) {
      method = start[0];
      fields.add(":method: " + start[0]);
      fields.add(":path: " + start[1]);
    }
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      fields.add(
          (name.equals("host") ? ":authority" : name) + ": " + line.substring(colon + 1).strip());
    }
    Head head = new Head(List.copyOf(fields));
    frame(head);
    return head;
  }

  private void frame(Head head) {
    String length = head.value("content-length");
    String status = head.value(":status");
    boolean bodyless =
        status == null
            ? length == null
            : method.equals("HEAD")
                || status.startsWith("1")
                || status.equals("204")
                || status.equals("304");
    if (head.has("transfer-encoding", "chunked")) {
      receiving = Framing.CHUNKED;
      left = 0;
    } else if (bodyless) {
      receiving = Framing.NONE;
    } else if (length != null) {
      receiving = Framing.LENGTH;
      left = Long.parseLong(length);
    } else {
      receiving = Framing.BYTES;
    }
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int next = next(); next >= 0; next = next()) {
      if (next == '\n') {
        return line.substring(0, line.length() - 1);
      }
      line.append((char) next);
    }
    return line.toString();
  }

  /** The next byte; -1 at the end, be it a regular one or not. */
  private int next() {
    try {
      return in.read();
    } catch (SocketException | SSLException reset) {
      return -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String read(int count) {
    StringBuilder text = new StringBuilder();
    while (text.length() < count) {
      String next = content();
      if (next == null) {
        throw new AssertionError("read: " + text + ", then the end (expected: " + count + "B)");
      }
      text.append(next);
    }
    return text.toString();
  }

  /** The next byte of the body; null at its end. */
  private @Nullable String content() {
    if (receiving == Framing.CHUNKED && left == 0) {
      String size = line();
      left = size.isEmpty() ? -1 : Long.parseLong(size, 16);
      if (left <= 0) {
        receiving = left == 0 ? Framing.NONE : receiving;
        return null;
      }
    }
    if (receiving == Framing.NONE || (receiving == Framing.LENGTH && left == 0)) {
      return null;
    }
    int next = next();
    if (next < 0) {
      return null;
    }
    left--;
    if (receiving == Framing.CHUNKED && left == 0) {
      line();
    }
    return Character.toString(next);
  }

  @Override
  public Rest rest() {
    StringBuilder body = new StringBuilder();
    boolean chunked = receiving == Framing.CHUNKED;
    for (String next = content(); next != null; next = content()) {
      body.append(next);
    }
    List<String> trailers = new ArrayList<>();
    boolean reset = receiving == Framing.CHUNKED || (receiving == Framing.LENGTH && left > 0);
    if (chunked && !reset) {
      for (String line = line(); !line.isEmpty(); line = line()) {
        trailers.add(line);
      }
    }
    return new Rest(body.toString(), trailers, reset || (receiving == Framing.BYTES && isReset()));
  }

  /** Whether the end was no regular one: it is told again. */
  private boolean isReset() {
    try {
      return in.read() >= 0;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void tunnel() {
    sending = Framing.BYTES;
    receiving = Framing.BYTES;
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
