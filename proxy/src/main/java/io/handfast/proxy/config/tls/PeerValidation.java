package io.handfast.proxy.config.tls;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a peer must prove ({@code CertificateValidationContext}).
 *
 * @param trustedCa PEM of those who may vouch for a peer; empty: the pins decide alone
 * @param names of which a peer must have one; empty: any
 * @param keyPins Base64 of the SHA-256 of public keys (SubjectPublicKeyInfo)
 * @param certificatePins lower-case hex of the SHA-256 of certificates; with both kinds of pins,
 *     one must fit
 * @param watchedDirectory whose changes lead to a reload, beside those of the file itself
 */
public record PeerValidation(
    Optional<TlsSource> trustedCa,
    List<SanMatcher> names,
    List<String> keyPins,
    List<String> certificatePins,
    Optional<Path> watchedDirectory) {

  public PeerValidation {
    names = List.copyOf(names);
    keyPins = List.copyOf(keyPins);
    certificatePins = List.copyOf(certificatePins);
    if (trustedCa.isEmpty() && !names.isEmpty()) {
      throw new IllegalArgumentException(
          "match_typed_subject_alt_names: without trusted_ca (expected: trusted_ca, for anybody can"
              + " give himself a name)");
    }
    if (trustedCa.isEmpty() && keyPins.isEmpty() && certificatePins.isEmpty()) {
      throw new IllegalArgumentException(
          "trusted_ca: missing (expected: it, verify_certificate_spki or verify_certificate_hash)");
    }
  }
}
