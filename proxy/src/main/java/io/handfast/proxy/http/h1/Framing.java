package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.HeaderTokens;
import io.handfast.proxy.http.Headers;

/** How long a body is, decided by the fields of its head (RFC 9112 section 6). */
final class Framing {
  /** No {@code content-length}. */
  static final long NONE = -1;

  /** A {@code content-length} has at most that many digits, so that no sum overflows. */
  private static final int MAX_LENGTH_DIGITS = 18;

  private Framing() {}

  /** Whether the body is chunked; refuses any other coding and any combination with a length. */
  static boolean isChunked(Headers headers, boolean http10) throws H1Exception {
    int at = headers.indexOf("transfer-encoding", 0);
    if (at < 0) {
      return false;
    }
    if (headers.contains("content-length")) {
      throw H1Exception.badRequest(
          "two_framings", "transfer-encoding: with content-length (expected: one of them)");
    }
    if (http10) {
      throw H1Exception.badRequest(
          "transfer_encoding_http10", "transfer-encoding: in HTTP/1.0 (expected: none)");
    }
    boolean[] unknown = new boolean[1];
    for (int i = at; i >= 0; i = headers.indexOf("transfer-encoding", i + 1)) {
      HeaderTokens.forEach(
          headers.value(i),
          coding ->
              unknown[0] |=
                  !coding.equalsIgnoreCase("chunked") && !coding.equalsIgnoreCase("identity"));
    }
    if (unknown[0]) {
      throw new H1Exception(
          501,
          "http1.unsupported_transfer_encoding",
          "transfer-encoding: unknown coding (expected: chunked)");
    }
    if (headers.indexOf("transfer-encoding", at + 1) >= 0
        || !headers.value(at).equalsIgnoreCase("chunked")) {
      throw H1Exception.badRequest(
          "bad_transfer_encoding", "transfer-encoding: not one coding (expected: chunked)");
    }
    return true;
  }

  /**
   * The {@code content-length}, or {@link #NONE}. One that is written in another way than we would
   * is written anew, so that the next recipient cannot read it in another way either.
   */
  static long contentLength(Headers headers) throws H1Exception {
    int at = headers.indexOf("content-length", 0);
    if (at < 0) {
      return NONE;
    }
    if (headers.indexOf("content-length", at + 1) >= 0) {
      throw H1Exception.badRequest(
          "two_content_lengths", "content-length: more than one (expected: one)");
    }
    String value = headers.value(at);
    if (value.isEmpty() || value.length() > MAX_LENGTH_DIGITS) {
      throw badLength();
    }
    long length = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        throw badLength();
      }
      length = length * 10 + (c - '0');
    }
    if (value.length() > 1 && value.charAt(0) == '0') {
      headers.value(at, Long.toString(length));
    }
    return length;
  }

  private static H1Exception badLength() {
    return H1Exception.badRequest(
        "bad_content_length", "content-length: not a length (expected: 1 to 18 digits)");
  }
}
