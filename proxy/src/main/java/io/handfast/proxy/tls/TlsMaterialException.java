package io.handfast.proxy.tls;

/** A certificate or key cannot be used: what is there, and what was expected. Tells no secret. */
final class TlsMaterialException extends Exception {
  private static final long serialVersionUID = 1L;

  TlsMaterialException(String found, String expected) {
    super(found + " (expected: " + expected + ")");
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
