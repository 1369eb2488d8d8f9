package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** Writes heads as bytes. Start line and framing are ours, whatever was received. */
final class HeadWriter {
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

  private HeadWriter() {}

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static void requestLine(ByteBuf out, RequestHead head) {
    text(out, head.method());
    out.writeByte(' ');
    // The authority-form is CONNECT's alone (RFC 9112 section 3.2.3).
    text(out, head.tunnel() == Tunnel.CONNECT ? head.authority() : head.path());
    ByteBufUtil.writeAscii(out, " HTTP/1.1\r\n");
    field(out, "host", head.authority());
  }

  static void statusLine(ByteBuf out, HttpProtocol protocol, int status) {
    out.writeBytes(protocol == HttpProtocol.HTTP_1_0 ? HTTP_1_0 : HTTP_1_1);
    out.writeBytes(STATUS_LINES[status]);
  }

  static void fields(ByteBuf out, Headers headers) {
    for (int i = 0; i < headers.size(); i++) {
      field(out, headers.name(i), headers.value(i));
    }
  }

  static void field(ByteBuf out, String name, String value) {
    text(out, name);
    out.writeShort((':' << 8) | ' ');
    text(out, value);
    endLine(out);
  }

  /** The two fields that ask for an upgrade, or accept one. */
  static void upgrade(ByteBuf out, String protocol) {
    field(out, "connection", "upgrade");
    field(out, "upgrade", protocol);
  }

  static void endLine(ByteBuf out) {
    out.writeShort(('\r' << 8) | '\n');
  }

  /**
   * A line break in something that a filter has set would be another header, or another response.
   */
  private static void text(ByteBuf out, String text) {
    boolean clean = text.indexOf('\n') < 0 && text.indexOf('\r') < 0 && text.indexOf('\0') < 0;
    ByteBufUtil.writeAscii(
        out, clean ? text : text.replace('\n', ' ').replace('\r', ' ').replace('\0', ' '));
  }
}
