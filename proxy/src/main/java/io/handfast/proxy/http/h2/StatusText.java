package io.handfast.proxy.http.h2;

/** Status codes in decimal digits, made once. Immutable. */
final class StatusText {
  private static final int MOST = 999;
  private static final String[] TEXT = new String[MOST + 1];

  static {
    for (int status = 0; status <= MOST; status++) {
      TEXT[status] = Integer.toString(status);
    }
  }

  private StatusText() {}

  static String of(int status) {
    return status <= MOST ? TEXT[status] : Integer.toString(status);
  }
}
