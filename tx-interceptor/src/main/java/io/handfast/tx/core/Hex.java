package io.handfast.tx.core;

/** Lower-case hexadecimal of fixed width, as W3C Trace Context writes its ids. */
final class Hex {
  private static final String DIGITS = "0123456789abcdef";

  private Hex() {}

  /**
   * True if the {@code length} characters from {@code from} exist and are digits or {@code a} to
   * {@code f}.
   */
  static boolean isLowerHex(String text, int from, int length) {
    if (from < 0 || from > text.length() - length) {
      return false;
    }
    for (int i = from; i < from + length; i++) {
      if (digit(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  /** The 16 digits from {@code from}, which {@link #isLowerHex} has seen. */
  static long parseLong(String text, int from) {
    long value = 0;
    for (int i = from; i < from + 16; i++) {
      value = (value << 4) | digit(text.charAt(i));
    }
    return value;
  }

  static void append(StringBuilder out, long value) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      out.append(DIGITS.charAt((int) (value >>> shift) & 0xf));
    }
  }

  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
}
