package io.handfast.proxy.http.field;

/** Classes of bytes of field names, values and request targets, by table. Pure. */
public final class Chars {
  private static final boolean[] TOKEN = new boolean[256];
  private static final boolean[] VALUE = new boolean[256];
  private static final boolean[] TARGET = new boolean[256];

  static {
    for (int c = 0; c < 256; c++) {
      boolean alphanumeric =
          (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      TOKEN[c] = alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
      VALUE[c] = c == '\t' || (c >= ' ' && c != 0x7f);
      TARGET[c] = c > ' ' && c != 0x7f;
    }
  }

  private Chars() {}

  /** A character of a token (RFC 9110 section 5.6.2). */
  public static boolean isToken(byte b) {
    return TOKEN[b & 0xff];
  }

  /** A character of a field value: visible, obs-text, space or tab. */
  public static boolean isValue(byte b) {
    return VALUE[b & 0xff];
  }

  /** A character of a request target: anything visible; other bytes above ASCII are let through. */
  public static boolean isTarget(byte b) {
    return TARGET[b & 0xff];
  }

  /** Space or tab. */
  public static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  /** The value of a hexadecimal digit, or -1. */
  public static int hexDigit(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    int lower = b | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
}
