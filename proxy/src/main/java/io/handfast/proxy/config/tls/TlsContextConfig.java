package io.handfast.proxy.config.tls;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What listeners and clusters have in common ({@code CommonTlsContext}).
 *
 * @param parameters of the negotiation
 * @param certificates of ours
 * @param validation of the peer; empty: it is asked for nothing
 * @param alpnProtocols in order of preference; empty: ALPN is not spoken
 * @param source what it was made of, if that names secrets: equal ones differ in these alone
 */
public record TlsContextConfig(
    TlsParameters parameters,
    List<TlsCertificate> certificates,
    Optional<PeerValidation> validation,
    List<String> alpnProtocols,
    Optional<Object> source) {

  /** One that names no secrets. */
  public TlsContextConfig(
      TlsParameters parameters,
      List<TlsCertificate> certificates,
      Optional<PeerValidation> validation,
      List<String> alpnProtocols) {
    this(parameters, certificates, validation, alpnProtocols, Optional.empty());
  }

  public TlsContextConfig {
    certificates = List.copyOf(certificates);
    alpnProtocols = List.copyOf(alpnProtocols);
  }

  /** The same with other protocols. */
  TlsContextConfig offering(List<String> protocols) {
    return new TlsContextConfig(parameters, certificates, validation, protocols, source);
  }

  /** Whether every secret that it names is there. */
  public boolean isComplete() {
    return Stream.concat(
            certificates.stream().map(TlsCertificate::chain),
            validation.flatMap(PeerValidation::trustedCa).stream())
        .noneMatch(TlsSource.Secret.class::isInstance);
  }
}
