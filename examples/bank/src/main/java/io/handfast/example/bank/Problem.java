package io.handfast.example.bank;

import java.io.Serial;

/**
 * A request that is answered with an RFC 9457 problem document instead of its result. It is an
 * answer, not a bug, so it carries no stack trace.
 */
final class Problem extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final String title;

  Problem(int status, String title, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.title = title;
  }

  static Problem badRequest(String detail) {
    return new Problem(400, "Bad Request", detail);
  }

  static Problem notFound(String detail) {
    return new Problem(404, "Not Found", detail);
  }

  static Problem conflict(String detail) {
    return new Problem(409, "Conflict", detail);
  }

  static Problem unprocessable(String title, String detail) {
    return new Problem(422, title, detail);
  }

  int status() {
    return status;
  }

  String title() {
    return title;
  }

  String detail() {
    String message = getMessage();
    return message == null ? title : message;
  }
}
