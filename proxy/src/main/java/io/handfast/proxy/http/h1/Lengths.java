package io.handfast.proxy.http.h1;

/** {@code content-length} values that a filter or the other side's codec has checked already. */
final class Lengths {
  private Lengths() {}

  /**
   * The length; a value that is none counts as 0, so that the body fails against it and is not
   * sent.
   */
  static long parse(String value) {
    try {
      return Math.max(Long.parseLong(value), 0);
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }
}
