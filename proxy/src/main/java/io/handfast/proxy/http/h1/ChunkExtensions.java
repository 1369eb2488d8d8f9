package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.field.Chars;
import io.netty.buffer.ByteBuf;

/**
 * The syntax of chunk extensions (RFC 9112 section 7.1.1): {@code *( BWS ";" BWS name [ BWS "=" BWS
 * ( token / quoted-string ) ] )}. They are checked, and not passed on.
 */
final class ChunkExtensions {
  private ChunkExtensions() {}

  /** Whether those bytes are extensions, or nothing. */
  static boolean areValid(ByteBuf in, int start, int end) {
    int at = start;
    while (at < end) {
      at = skipSpace(in, at, end);
      if (at == end || in.getByte(at) != ';') {
        return false;
      }
      int name = skipSpace(in, at + 1, end);
      at = skipToken(in, name, end);
      int equals = skipSpace(in, at, end);
      if (at == name) {
        return false;
      }
      if (equals < end && in.getByte(equals) == '=') {
        int value = skipSpace(in, equals + 1, end);
        at =
            value < end && in.getByte(value) == '"'
                ? skipQuoted(in, value + 1, end)
                : skipToken(in, value, end);
        if (at <= value) {
          return false;
        }
      }
    }
    return true;
  }

  private static int skipSpace(ByteBuf in, int from, int end) {
    int at = from;
    while (at < end && Chars.isSpace(in.getByte(at))) {
      at++;
    }
    return at;
  }

  private static int skipToken(ByteBuf in, int from, int end) {
    int at = from;
    while (at < end && Chars.isToken(in.getByte(at))) {
      at++;
    }
    return at;
  }

  /** Behind the closing quotation mark; -1 if there is none, or a control character before it. */
  private static int skipQuoted(ByteBuf in, int from, int end) {
    for (int at = from; at < end; at++) {
      byte b = in.getByte(at);
      if (b == '"') {
        return at + 1;
      }
      boolean pair = b == '\\';
      at += pair ? 1 : 0;
      if (at >= end || !Chars.isValue(in.getByte(at))) {
        return -1;
      }
    }
    return -1;
  }
}
