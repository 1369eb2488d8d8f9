package io.handfast.proxy.tls;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.http.tls.TlsInfo;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What the TLS library says of a connection, and of why there is none. Stateless. */
final class TlsSessions {
  /** Causes of an exception that are looked at. */
  private static final int MAX_CAUSES = 10;

  private TlsSessions() {}

  static TlsInfo info(TlsConfig config, SslHandler tls) {
    SSLSession session = tls.engine().getSession();
    boolean verifies = config.common().validation().isPresent();
    boolean server = config instanceof TlsConfig.Downstream;
    // Nobody is asked for a certificate that would not be verified; but a server always shows one.
    CertificateInfo peer = verifies || !server ? peer(session) : null;
    String name = server ? serverName(session) : null;
    String protocol = tls.applicationProtocol();
    return new TlsInfo(
        session.getProtocol(),
        SslContexts.openSslName(session.getCipherSuite()),
        HexFormat.of().formatHex(session.getId()),
        name == null ? "" : name,
        protocol == null ? "" : protocol,
        certificate(session.getLocalCertificates()),
        peer,
        verifies && peer != null);
  }

  private static @Nullable String serverName(SSLSession session) {
    return session instanceof ExtendedSSLSession extended
        ? IdentitySelector.serverName(extended)
        : null;
  }

  private static @Nullable CertificateInfo peer(SSLSession session) {
    try {
      return certificate(session.getPeerCertificates());
    } catch (SSLPeerUnverifiedException e) {
      return null; // it showed none
    }
  }

  private static @Nullable CertificateInfo certificate(Certificate @Nullable [] chain) {
    List<X509Certificate> certificates = new ArrayList<>();
    if (chain != null) {
      for (Certificate certificate : chain) {
        if (certificate instanceof X509Certificate x509) {
          certificates.add(x509);
        }
      }
    }
    return certificates.isEmpty() ? null : new CertificateInfo(certificates);
  }

  static boolean isReused(SslHandler tls) {
    return tls.engine() instanceof ReferenceCountedOpenSslEngine engine
        && SSL.isSessionReused(engine.sslPointer());
  }

  /** Our own refusal among the causes; null if it was something else. */
  static @Nullable PeerRefusedException refusal(@Nullable Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      if (cause instanceof PeerRefusedException refused) {
        return refused;
      }
      cause = cause.getCause();
    }
    return null;
  }

  /** BoringSSL and the JDK say by their messages only that a required certificate did not come. */
  static boolean isCertificateMissing(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")
        || message.contains("Empty client certificate chain");
  }

  /** What a peer can bring about; anything else is a bug. */
  static boolean isTlsError(Throwable failure) {
    return failure instanceof SSLException || failure.getCause() instanceof SSLException;
  }
}
