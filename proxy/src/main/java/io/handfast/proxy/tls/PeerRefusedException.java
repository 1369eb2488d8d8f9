package io.handfast.proxy.tls;

import java.security.cert.CertificateException;

/** A peer's certificate does not prove what it must. */
final class PeerRefusedException extends CertificateException {
  private static final long serialVersionUID = 1L;

  /** What was wrong, as Envoy counts it. */
  enum Reason {
    /** No path to a trusted authority, or out of date. */
    UNTRUSTED,
    /** None of the names that are accepted. */
    NAME,
    /** None of the pins. */
    PIN
  }

  private final Reason reason;

  PeerRefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
