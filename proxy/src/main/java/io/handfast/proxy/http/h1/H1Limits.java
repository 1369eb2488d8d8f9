package io.handfast.proxy.http.h1;

/**
 * Bounds of one direction of a connection.
 *
 * @param maxHeadBytes of start line and header fields, and of the trailers
 * @param maxFields number of header fields, and of trailers
 * @param tooLargeStatus what a client is answered beyond them
 */
public record H1Limits(int maxHeadBytes, int maxFields, int tooLargeStatus) {
  /** Envoy's bounds of a response's head. */
  public static final H1Limits RESPONSE = new H1Limits(60 << 10, 100, 502);

  /** Longest chunk-size line, extensions included. */
  static final int MAX_CHUNK_LINE_BYTES = 256;

  /** The bounds of a request's head. */
  public static H1Limits request(int maxHeadBytes, int maxFields) {
    return new H1Limits(maxHeadBytes, maxFields, 431);
  }

  H1Exception tooLarge(String what) {
    return new H1Exception(tooLargeStatus, "http1." + what + "_too_large", what + ": too large");
  }
}
