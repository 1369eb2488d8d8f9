package io.handfast.proxy.transaction;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.tls.TlsContexts;
import io.handfast.tx.core.PeerIdentity;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Who this sidecar is to others: whom the newest certificate of its control service names (T20). A
 * renewal that names nobody leaves who it was. Thread-safe; asked for each transaction.
 */
public final class ControlIdentity implements Supplier<Optional<PeerIdentity>> {

  private record Known(CertificateInfo certificate, Optional<PeerIdentity> identity) {}

  private final TlsContexts contexts;
  private final TlsConfig config;
  private volatile Known known;

  private ControlIdentity(TlsContexts contexts, TlsConfig config, Known known) {
    this.contexts = contexts;
    this.config = config;
    this.known = known;
  }

  /**
   * Empty if the certificate names nobody.
   *
   * @param config of the control service, whose certificate has been read
   */
  public static Optional<ControlIdentity> of(TlsContexts contexts, TlsConfig config) {
    return contexts
        .certificate(config)
        .flatMap(certificate ->
            identity(certificate).map(identity -> new Known(certificate, Optional.of(identity))))
        .map(known -> new ControlIdentity(contexts, config, known));
  }

  @Override
  public Optional<PeerIdentity> get() {
    Known last = known;
    CertificateInfo newest = contexts.certificate(config).orElse(null);
    if (newest == null || newest == last.certificate()) {
      return last.identity();
    }
    Known fresh = new Known(newest, identity(newest).or(last::identity));
    known = fresh;
    return fresh.identity();
  }

  /** The first URI, a SPIFFE ID in a mesh; else the first DNS name. */
  private static Optional<PeerIdentity> identity(CertificateInfo certificate) {
    return Stream.concat(
            certificate.uris().stream().map(uri -> Optional.ofNullable(PeerIdentity.ofUri(uri))),
            certificate.dnsNames().stream()
                .map(name -> Optional.ofNullable(PeerIdentity.ofDnsName(name))))
        .flatMap(Optional::stream)
        .findFirst();
  }
}
