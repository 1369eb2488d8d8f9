package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes heads as bytes, one after the other. Start line and framing are ours, whatever was
 * received; a line that was received and not changed goes out as it came. Confined to a
 * connection's loop.
 */
final class HeadWriter {
  private static final int INITIAL_BYTES = 512;
  private static final int KEPT_BYTES = 4096;
  private static final byte[][] STATUS_LINES = new byte[600][];
  private static final byte[] HTTP_1_0 = bytes("HTTP/1.0");
  private static final byte[] HTTP_1_1 = bytes("HTTP/1.1");

  static {
    for (int status = 100; status < 600; status++) {
      // Netty's table knows the phrases of RFC 9110 and of the registry.
      String phrase = HttpResponseStatus.valueOf(status).reasonPhrase();
      STATUS_LINES[status] = bytes(" " + status + " " + phrase + "\r\n");
    }
  }

  private byte[] out = new byte[INITIAL_BYTES];
  private int length;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  HeadWriter requestLine(RequestHead head) {
    length = 0;
    text(head.method());
    put(' ');
    // The authority-form is CONNECT's alone (RFC 9112 section 3.2.3).
    text(head.tunnel() == Tunnel.CONNECT ? head.authority() : head.path());
    text(" HTTP/1.1");
    endLine();
    return field("host", head.authority());
  }

  HeadWriter statusLine(HttpProtocol protocol, int status) {
    length = 0;
    byte[] version = protocol == HttpProtocol.HTTP_1_0 ? HTTP_1_0 : HTTP_1_1;
    copy(version, 0, version.length);
    copy(STATUS_LINES[status], 0, STATUS_LINES[status].length);
    return this;
  }

  /** Neighbours that go out as they came are copied at once. */
  HeadWriter fields(Headers headers) {
    byte[] block = headers.block();
    int from = 0;
    int to = 0;
    for (int i = 0; i < headers.size(); i++) {
      int start = headers.lineStart(i);
      if (start < 0) {
        copy(block, from, to);
        from = 0;
        to = 0;
        field(headers.name(i), headers.value(i));
      } else {
        if (start != to) {
          copy(block, from, to);
          from = start;
        }
        to = headers.lineEnd(i);
      }
    }
    copy(block, from, to);
    return this;
  }

  HeadWriter field(String name, String value) {
    text(name);
    put(':');
    put(' ');
    text(value);
    endLine();
    return this;
  }

  /** The two fields that ask for an upgrade, or accept one. */
  HeadWriter upgrade(String protocol) {
    return field("connection", "upgrade").field("upgrade", protocol);
  }

  /** The line before a chunk. */
  HeadWriter chunkSize(long bytes) {
    length = 0;
    text(Long.toHexString(bytes));
    endLine();
    return this;
  }

  /** Ends the head, or the chunk before it, with an empty line. */
  HeadWriter end() {
    endLine();
    return this;
  }

  /** How many bytes were written. */
  int length() {
    return length;
  }

  /** Moves what was written to a buffer, which has room for it. */
  void moveTo(ByteBuf to) {
    to.writeBytes(out, 0, length);
    length = 0;
    if (out.length > KEPT_BYTES) {
      out = new byte[INITIAL_BYTES];
    }
  }

  /**
   * A line break in something that a filter has set would be another header, or another response.
   */
  private void text(String text) {
    int count = text.length();
    makeRoom(count);
    byte[] to = out;
    int at = length;
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      to[at + i] = (byte) (c > 0xff ? '?' : c == '\n' || c == '\r' || c == '\0' ? ' ' : c);
    }
    length = at + count;
  }

  private void copy(byte[] from, int start, int end) {
    makeRoom(end - start);
    System.arraycopy(from, start, out, length, end - start);
    length += end - start;
  }

  private void endLine() {
    put('\r');
    put('\n');
  }

  private void put(char c) {
    makeRoom(1);
    out[length++] = (byte) c;
  }

  private void makeRoom(int count) {
    if (out.length - length < count) {
      out = Arrays.copyOf(out, Math.max(2 * out.length, length + count));
    }
  }
}
