package io.handfast.proxy.accesslog;

/** A format was refused. */
public final class InvalidFormatException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String path;

  InvalidFormatException(String path, String problem) {
    super(problem);
    this.path = path;
  }

  /**
   * Of the field within the format, such as {@code duration} or {@code request.method} of a JSON
   * format; empty for a text.
   */
  public String path() {
    return path;
  }
}
