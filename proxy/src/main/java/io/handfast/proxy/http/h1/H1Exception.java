package io.handfast.proxy.http.h1;

/** A message that is refused. Without a stack trace: a peer causes it at will. */
final class H1Exception extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String details;

  /**
   * A refusal.
   *
   * @param status what a client is answered
   * @param details a word for the access log, such as {@code http1.codec_error}
   * @param message what was wrong and what was expected
   */
  H1Exception(int status, String details, String message) {
    super(message, null, false, false);
    this.status = status;
    this.details = details;
  }

  static H1Exception badRequest(String details, String message) {
    return new H1Exception(400, "http1." + details, message);
  }

  int status() {
    return status;
  }

  String details() {
    return details;
  }
}
