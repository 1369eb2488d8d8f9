package io.handfast.example.bank.web;

import java.io.Serial;

/**
 * A request that is answered with an RFC 9457 problem document instead of its result. It is an
 * answer, not a bug, so it carries no stack trace.
 */
public final class Problem extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final String title;

  public Problem(int status, String title, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.title = title;
  }

  public static Problem badRequest(String detail) {
    return new Problem(400, "Bad Request", detail);
  }

  public static Problem notFound(String detail) {
    return new Problem(404, "Not Found", detail);
  }

  public static Problem conflict(String detail) {
    return new Problem(409, "Conflict", detail);
  }

  public static Problem unprocessable(String title, String detail) {
    return new Problem(422, title, detail);
  }

  public static Problem unanswered(String peer, String how) {
    return new Problem(502, "Bad Gateway", peer + " did not answer: " + how);
  }

  /**
   * What a service answers whose own call was answered with this. A refusal of the peer's is its
   * own; what is wrong with the peer is a bad gateway.
   */
  public Problem ofPeer(String peer) {
    String told = peer + ": " + detail();
    return switch (status) {
      case 404, 422 -> unprocessable(title, told);
      case 409 -> conflict(told);
      default -> new Problem(502, "Bad Gateway", told + " (" + status + ")");
    };
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  public String detail() {
    String message = getMessage();
    return message == null ? title : message;
  }
}
