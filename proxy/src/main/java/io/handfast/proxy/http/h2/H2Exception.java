package io.handfast.proxy.http.h2;

/**
 * A peer broke the protocol, on one stream or on the connection. Without a stack trace: a peer
 * causes it at will.
 */
final class H2Exception extends Exception {
  private static final long serialVersionUID = 1L;

  private final H2Error error;
  private final String reason;
  private final int streamId;

  private H2Exception(H2Error error, int streamId, String message) {
    super(message, null, false, false);
    this.error = error;
    this.reason = message;
    this.streamId = streamId;
  }

  /** The connection ends. */
  static H2Exception connection(H2Error error, String message) {
    return new H2Exception(error, 0, message);
  }

  /** The stream ends, the connection's others go on. */
  static H2Exception stream(int streamId, H2Error error, String message) {
    return new H2Exception(error, streamId, message);
  }

  /** A frame of that type on a stream that nobody has opened. */
  static H2Exception idle(String type) {
    return connection(H2Error.PROTOCOL_ERROR, type + ": on an idle stream (expected: an open one)");
  }

  /** A priority that no tree can have. */
  static H2Exception dependsOnItself(int streamId) {
    return stream(
        streamId, H2Error.PROTOCOL_ERROR, "priority: depends on itself (expected: another)");
  }

  H2Error error() {
    return error;
  }

  /** What was wrong and what was expected. */
  String reason() {
    return reason;
  }

  /** 0 for the connection. */
  int streamId() {
    return streamId;
  }
}
