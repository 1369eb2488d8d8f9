package io.handfast.proxy.admin;

/**
 * An answer.
 *
 * @param status code
 * @param contentType of the body
 * @param body in full: what is shown here fits in memory
 */
record AdminResponse(int status, String contentType, String body) {

  private static final String TEXT = "text/plain; charset=UTF-8";
  private static final String JSON = "application/json";
  private static final String HTML = "text/html; charset=UTF-8";

  static AdminResponse text(String body) {
    return new AdminResponse(200, TEXT, body);
  }

  static AdminResponse text(int status, String body) {
    return new AdminResponse(status, TEXT, body);
  }

  static AdminResponse json(String body) {
    return new AdminResponse(200, JSON, body);
  }

  static AdminResponse json(int status, String body) {
    return new AdminResponse(status, JSON, body);
  }

  static AdminResponse html(String body) {
    return new AdminResponse(200, HTML, body);
  }

  /** What Envoy says when it has done something. */
  static AdminResponse ok() {
    return text("OK\n");
  }
}
