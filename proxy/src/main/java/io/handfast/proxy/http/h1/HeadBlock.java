package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.field.Chars;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Finds and parses blocks of lines: a start line with fields, or trailers. Reused for every message
 * of a connection, but for the bytes, which belong to the fields; confined to its loop.
 */
final class HeadBlock {
  private static final byte[] NONE = {};

  /** Fields that are added on the way. */
  private static final int ROOM = 5;

  private final H1Limits limits;
  private byte[] bytes = NONE;
  private int position;
  private int scanned;
  private int linesScanned;
  private int lines;

  HeadBlock(H1Limits limits) {
    this.limits = limits;
  }

  /**
   * Whether the block at the reader index is complete: it ends with an empty line. Remembers how
   * far it has looked.
   *
   * @param emptyAllowed an empty line at once is a complete block (trailers)
   */
  boolean isComplete(ByteBuf in, boolean emptyAllowed) throws H1Exception {
    int start = in.readerIndex();
    int end = in.writerIndex();
    int from = start + scanned;
    while (from < end) {
      int lf = in.indexOf(from, end, (byte) '\n');
      if (lf < 0) {
        scanned = end - start;
        break;
      }
      if (lf == start || in.getByte(lf - 1) != '\r') {
        throw H1Exception.badRequest("bare_lf", "line: ends with LF (expected: CRLF)");
      }
      checkSize(lf + 1 - start);
      if (isEmptyLine(in, start, lf, emptyAllowed)) {
        take(in, lf + 1 - start);
        return true;
      }
      linesScanned++;
      from = lf + 1;
      scanned = from - start;
    }
    checkSize(end - start);
    return false;
  }

  /** The block begins elsewhere: look from there. */
  void rewind() {
    scanned = 0;
    linesScanned = 0;
  }

  private static boolean isEmptyLine(ByteBuf in, int start, int lf, boolean emptyAllowed) {
    if (lf - start == 1) {
      return emptyAllowed;
    }
    return lf - start >= 3 && in.getByte(lf - 2) == '\n';
  }

  private void checkSize(int size) throws H1Exception {
    if (size > limits.maxHeadBytes()) {
      throw limits.tooLarge("headers");
    }
  }

  private void take(ByteBuf in, int count) {
    bytes = new byte[count];
    in.readBytes(bytes);
    position = 0;
    lines = linesScanned;
    rewind();
  }

  /** The bytes of the block. */
  byte[] bytes() {
    return bytes;
  }

  /** Where the next line begins. */
  int position() {
    return position;
  }

  /** Moves behind the line at the position and gives the end of that line, without its CRLF. */
  int nextLine() throws H1Exception {
    int i = position;
    while (bytes[i] != '\r' && bytes[i] != '\n') {
      i++;
    }
    // The scan has seen a CR before each LF, so that a CR without LF can only be a bare one.
    checkLineEnd(i);
    position = i + 2;
    return i;
  }

  /** Parses the fields from the position to the end of the block, which is theirs from then on. */
  Headers fields() throws H1Exception {
    Headers headers = new Headers(Math.min(lines, limits.maxFields()) + ROOM, bytes);
    int end = bytes.length - 2;
    while (position < end) {
      field(headers);
    }
    bytes = NONE;
    return headers;
  }

  /** The scan has seen CRLF at the end of the block, and a CR before each LF. */
  private void field(Headers headers) throws H1Exception {
    int start = position;
    if (Chars.isSpace(bytes[start])) {
      throw H1Exception.badRequest(
          "obs_fold", "header: folded line (expected: one line per field)");
    }
    int colon = start;
    while (Chars.isToken(bytes[colon])) {
      colon++;
    }
    if (colon == start || bytes[colon] != ':') {
      throw H1Exception.badRequest("bad_header_name", "header: bad name (expected: token ':')");
    }
    int from = colon + 1;
    while (Chars.isSpace(bytes[from])) {
      from++;
    }
    int end = from;
    while (Chars.isValue(bytes[end])) {
      end++;
    }
    if (bytes[end] != '\r') {
      throw H1Exception.badRequest(
          "bad_header_value", text(start, colon) + ": control character (expected: none)");
    }
    checkLineEnd(end);
    position = end + 2;
    if (headers.size() == limits.maxFields()) {
      throw limits.tooLarge("header_count");
    }
    int to = end;
    while (to > from && Chars.isSpace(bytes[to - 1])) {
      to--;
    }
    if (to == end && from == colon + 2 && bytes[colon + 1] == ' ') {
      headers.addLine(start, colon, end);
    } else { // to be written as we write lines
      headers.add(text(start, colon), text(from, to));
    }
  }

  private void checkLineEnd(int cr) throws H1Exception {
    if (bytes[cr + 1] != '\n') {
      throw H1Exception.badRequest("bare_cr", "line: contains CR (expected: CRLF at its end only)");
    }
  }

  /** Whether those bytes are that text. */
  boolean is(int from, int to, String text) {
    if (to - from != text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if ((bytes[from + i] & 0xff) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Text of those bytes, one character each. */
  String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
