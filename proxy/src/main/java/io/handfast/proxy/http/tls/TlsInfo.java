package io.handfast.proxy.http.tls;

import org.jspecify.annotations.Nullable;

/**
 * Facts about the TLS of a connection; immutable.
 *
 * @param version such as {@code TLSv1.3}
 * @param cipherSuite in OpenSSL's names, as Envoy logs it
 * @param sessionId in hexadecimal; empty if there is none
 * @param serverName that the client asked for (SNI); empty if it asked for none
 * @param applicationProtocol negotiated by ALPN, {@code h2} or {@code http/1.1}; empty if none was.
 *     It chooses the codec
 * @param local our certificate; null if we showed none
 * @param peer the peer's certificate; null if it showed none
 * @param peerVerified whether the peer proved its certificate against a validation context
 */
public record TlsInfo(
    String version,
    String cipherSuite,
    String sessionId,
    String serverName,
    String applicationProtocol,
    @Nullable CertificateInfo local,
    @Nullable CertificateInfo peer,
    boolean peerVerified) {

  /**
   * The workload that the peer has proved to be: the first URI of its certificate, a SPIFFE ID in a
   * mesh. Null if nothing was verified, or the certificate names no workload, as that of a browser.
   */
  public @Nullable String verifiedIdentity() {
    return peerVerified && peer != null && !peer.uris().isEmpty() ? peer.uris().getFirst() : null;
  }
}
