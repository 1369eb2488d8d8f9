package io.handfast.proxy.config.tls;

import java.util.List;
import java.util.Optional;

/**
 * What listeners and clusters have in common ({@code CommonTlsContext}).
 *
 * @param parameters of the negotiation
 * @param certificates of ours
 * @param validation of the peer; empty: it is asked for nothing
 * @param alpnProtocols in order of preference; empty: ALPN is not spoken
 */
public record TlsContextConfig(
    TlsParameters parameters,
    List<TlsCertificate> certificates,
    Optional<PeerValidation> validation,
    List<String> alpnProtocols) {

  public TlsContextConfig {
    certificates = List.copyOf(certificates);
    alpnProtocols = List.copyOf(alpnProtocols);
  }

  /** The same with other protocols. */
  TlsContextConfig offering(List<String> protocols) {
    return new TlsContextConfig(parameters, certificates, validation, protocols);
  }
}
