package io.handfast.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** As much of HTTP/1.1 as these tools need. Stateless. */
public final class Wire {
  private static final int MAX_HEAD = 16 * 1024;
  private static final int END = '\r' << 24 | '\n' << 16 | '\r' << 8 | '\n';

  private Wire() {}

  /** A head up to and with its empty line; null if the connection ended before it. */
  public static @Nullable String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder(256);
    int last = 0;
    while (last != END) {
      int read = in.read();
      if (read < 0) {
        if (head.isEmpty()) {
          return null;
        }
        throw new EOFException("within a head");
      }
      head.append((char) read);
      last = last << 8 | read;
      if (head.length() > MAX_HEAD) {
        throw new IOException("head: longer than " + MAX_HEAD + " bytes");
      }
    }
    return head.toString();
  }

  /** The value of a field of a head, or null. */
  public static @Nullable String field(String head, String name) {
    String start = "\r\n" + name + ":";
    int at = head.toLowerCase(Locale.ROOT).indexOf(start);
    if (at < 0) {
      return null;
    }
    int value = at + start.length();
    return head.substring(value, head.indexOf("\r\n", value)).strip();
  }

  public static int status(String head) throws IOException {
    if (!head.startsWith("HTTP/1.1 ") || head.length() < 12) {
      throw new IOException("no answer of HTTP/1.1: " + head.lines().findFirst().orElse(""));
    }
    return Integer.parseInt(head.substring(9, 12));
  }

  /** Reads the body that a head announces. */
  public static byte[] readBody(String head, InputStream in) throws IOException {
    String length = field(head, "content-length");
    if (length != null) {
      return in.readNBytes(Integer.parseInt(length));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if ("chunked".equalsIgnoreCase(field(head, "transfer-encoding"))) {
      for (int size = chunk(in); size > 0; size = chunk(in)) {
        body.write(in.readNBytes(size));
        line(in);
      }
      line(in);
    }
    return body.toByteArray();
  }

  private static int chunk(InputStream in) throws IOException {
    return Integer.parseInt(line(in), 16);
  }

  /** Reads the body that a head announces, and lets it go. */
  public static void skipBody(String head, InputStream in) throws IOException {
    String length = field(head, "content-length");
    if (length != null) {
      in.skipNBytes(Long.parseLong(length));
    } else if ("chunked".equalsIgnoreCase(field(head, "transfer-encoding"))) {
      skipChunks(in);
    }
  }

  private static void skipChunks(InputStream in) throws IOException {
    int size;
    do {
      size = Integer.parseInt(line(in), 16);
      in.skipNBytes(size);
      line(in);
    } while (size > 0);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int read = in.read(); read != '\n'; read = in.read()) {
      if (read < 0) {
        throw new EOFException("within a chunk");
      }
      if (read != '\r') {
        line.append((char) read);
      }
    }
    return line.toString();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
