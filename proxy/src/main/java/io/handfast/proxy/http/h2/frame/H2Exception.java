package io.handfast.proxy.http.h2.frame;

/**
 * A peer broke the protocol, on one stream or on the connection. Without a stack trace: a peer
 * causes it at will.
 */
public final class H2Exception extends Exception {
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
  public static H2Exception connection(H2Error error, String message) {
    return new H2Exception(error, 0, message);
  }

  /** The stream ends, the connection's others go on. */
  public static H2Exception stream(int streamId, H2Error error, String message) {
    return new H2Exception(error, streamId, message);
  }

  /** A frame of that type on a stream that nobody has opened. */
  public static H2Exception idle(String type) {
    return connection(H2Error.PROTOCOL_ERROR, type + ": on an idle stream (expected: an open one)");
  }

  /** A priority that no tree can have. */
  public static H2Exception dependsOnItself(int streamId) {
    return stream(
        streamId, H2Error.PROTOCOL_ERROR, "priority: depends on itself (expected: another)");
  }

  public H2Error error() {
    return error;
  }

  /** What was wrong and what was expected. */
  public String reason() {
    return reason;
  }

  /** 0 for the connection. */
  public int streamId() {
    return streamId;
  }
}
