package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.HttpProtocol;

/** {@code HTTP/1.1} or {@code HTTP/1.0}, nothing else. */
final class Version {
  private static final int LENGTH = 8;

  private Version() {}

  /** Parses all of those bytes. */
  static HttpProtocol parse(byte[] bytes, int from, int to) throws H1Exception {
    boolean shaped =
        to - from == LENGTH
            && bytes[from] == 'H'
            && bytes[from + 1] == 'T'
            && bytes[from + 2] == 'T'
            && bytes[from + 3] == 'P'
            && bytes[from + 4] == '/'
            && isDigit(bytes[from + 5])
            && bytes[from + 6] == '.'
            && isDigit(bytes[from + 7]);
    if (!shaped) {
      throw H1Exception.badRequest("bad_version", "version: malformed (expected: HTTP/1.1)");
    }
    if (bytes[from + 5] == '1' && bytes[from + 7] == '1') {
      return HttpProtocol.HTTP_1_1;
    }
    if (bytes[from + 5] == '1' && bytes[from + 7] == '0') {
      return HttpProtocol.HTTP_1_0;
    }
    throw new H1Exception(
        505, "http1.unsupported_version", "version: not supported (expected: HTTP/1.1)");
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
