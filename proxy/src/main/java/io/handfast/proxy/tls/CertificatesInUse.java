package io.handfast.proxy.tls;

import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsSource;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The certificates that one TLS context has read last. Immutable.
 *
 * @param authorities who vouches for peers, the first of them as in Envoy
 * @param certificates ours, of each chain the leaf
 */
public record CertificatesInUse(List<Source> authorities, List<Source> certificates) {

  public CertificatesInUse {
    authorities = List.copyOf(authorities);
    certificates = List.copyOf(certificates);
  }

  /**
   * A certificate.
   *
   * @param file that it was read from; empty if it is of the configuration itself
   */
  public record Source(Optional<Path> file, X509Certificate certificate) {}

  static CertificatesInUse of(TlsConfig config, TlsMaterial material) {
    List<Source> own = new ArrayList<>();
    for (int i = 0; i < material.identities().size(); i++) {
      own.add(
          new Source(
              file(config.common().certificates().get(i).chain()),
              material.identities().get(i).leaf()));
    }
    Optional<Path> authority =
        config
            .common()
            .validation()
            .flatMap(PeerValidation::trustedCa)
            .flatMap(CertificatesInUse::file);
    return new CertificatesInUse(
        material.trusted().stream()
            .limit(1)
            .map(certificate -> new Source(authority, certificate))
            .toList(),
        own);
  }

  private static Optional<Path> file(TlsSource source) {
    return source instanceof TlsSource.File(Path path) ? Optional.of(path) : Optional.empty();
  }
}
