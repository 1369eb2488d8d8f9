package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.field.Chars;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Finds and parses blocks of lines: a start line with fields, or trailers. Reused for every message
 * of a connection; confined to its loop.
 */
final class HeadBlock {
  private static final int INITIAL_BYTES = 1024;

  private final H1Limits limits;
  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private int position;
  private int scanned;

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
      from = lf + 1;
      scanned = from - start;
    }
    checkSize(end - start);
    return false;
  }

  /** The block begins elsewhere: look from there. */
  void rewind() {
    scanned = 0;
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
    if (count > bytes.length) {
      bytes =
          new byte
              [Math.min(Integer.highestOneBit(count) << 1, Math.max(limits.maxHeadBytes(), count))];
    }
    in.readBytes(bytes, 0, count);
    length = count;
    position = 0;
    scanned = 0;
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
    if (bytes[i] != '\r' || bytes[i + 1] != '\n') {
      throw H1Exception.badRequest("bare_cr", "line: contains CR (expected: CRLF at its end only)");
    }
    position = i + 2;
    return i;
  }

  /** Parses the fields from the position to the end of the block. */
  Headers fields() throws H1Exception {
    Headers headers = new Headers();
    while (position < length) {
      int start = position;
      int end = nextLine();
      if (end == start) {
        break;
      }
      field(headers, start, end);
    }
    return headers;
  }

  private void field(Headers headers, int start, int end) throws H1Exception {
    if (Chars.isSpace(bytes[start])) {
      throw H1Exception.badRequest(
          "obs_fold", "header: folded line (expected: one line per field)");
    }
    int colon = start;
    while (colon < end && Chars.isToken(bytes[colon])) {
      colon++;
    }
    if (colon == end || colon == start || bytes[colon] != ':') {
      throw H1Exception.badRequest("bad_header_name", "header: bad name (expected: token ':')");
    }
    int from = colon + 1;
    while (from < end && Chars.isSpace(bytes[from])) {
      from++;
    }
    int to = end;
    while (to > from && Chars.isSpace(bytes[to - 1])) {
      to--;
    }
    String name = text(start, colon);
    for (int i = from; i < to; i++) {
      if (!Chars.isValue(bytes[i])) {
        throw H1Exception.badRequest(
            "bad_header_value", name + ": control character (expected: none)");
      }
    }
    if (headers.size() == limits.maxFields()) {
      throw limits.tooLarge("header_count");
    }
    headers.add(name, text(from, to));
  }

  /** Text of those bytes, one character each. */
  String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
