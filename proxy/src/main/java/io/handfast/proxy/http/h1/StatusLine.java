package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.HttpProtocol;

/** Parses a response's start line. The reason phrase is dropped. */
final class StatusLine {
  /** Length of {@code HTTP/1.1 200}. */
  private static final int MIN_LENGTH = 12;

  private HttpProtocol protocol = HttpProtocol.HTTP_1_1;
  private int status;

  /** Parses the line at the block's position. */
  void parse(HeadBlock block) throws H1Exception {
    byte[] bytes = block.bytes();
    int start = block.position();
    int end = block.nextLine();
    if (end - start < MIN_LENGTH || bytes[start + 8] != ' ') {
      throw malformed();
    }
    protocol = Version.parse(bytes, start, start + 8);
    int code = 0;
    for (int i = start + 9; i < start + MIN_LENGTH; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw malformed();
      }
      code = code * 10 + digit;
    }
    boolean reasonApart = end == start + MIN_LENGTH || bytes[start + MIN_LENGTH] == ' ';
    if (code < 100 || code > 599 || !reasonApart) {
      throw malformed();
    }
    status = code;
  }

  HttpProtocol protocol() {
    return protocol;
  }

  int status() {
    return status;
  }

  private static H1Exception malformed() {
    return H1Exception.badRequest(
        "bad_status_line", "status line: malformed (expected: HTTP/1.1 SP 100 to 599)");
  }
}
