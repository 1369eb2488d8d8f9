package io.handfast.proxy.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Certificates and keys as they were read, ready for use. Immutable.
 *
 * @param identities ours
 * @param trusted who may vouch for a peer
 * @param fingerprint SHA-256 over everything that was read: whether a reload brought something new
 */
record TlsMaterial(List<Identity> identities, List<X509Certificate> trusted, String fingerprint) {

  TlsMaterial {
    identities = List.copyOf(identities);
    trusted = List.copyOf(trusted);
  }

  /** When the first of our certificates expires. */
  Optional<Instant> expiry() {
    return identities.stream()
        .flatMap(identity -> identity.chain().stream())
        .map(certificate -> certificate.getNotAfter().toInstant())
        .min(Instant::compareTo);
  }
}
