package io.handfast.proxy.tls;

import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.SanMatcher;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.tls.PeerRefusedException.Reason;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a peer is who it must be: a path to a trusted authority (RFC 5280), pins, names.
 * Immutable and thread-safe; runs on event loops during handshakes, and asks nothing of the
 * network.
 */
final class PeerVerifier extends X509ExtendedTrustManager {
  private final Optional<PeerValidation> validation;
  private final @Nullable X509TrustManager authorities;
  private final X509Certificate[] trusted;
  private final boolean verifySni;

  /**
   * @param validation empty: everybody is taken at his word
   * @param verifySni a server's certificate must be for the name that it was asked for
   */
  PeerVerifier(
      Optional<PeerValidation> validation, List<X509Certificate> trusted, boolean verifySni) {
    this.validation = validation;
    this.trusted = trusted.toArray(X509Certificate[]::new);
    this.authorities = trusted.isEmpty() ? null : authorities(trusted);
    this.verifySni = verifySni;
  }

  private static X509TrustManager authorities(List<X509Certificate> trusted) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < trusted.size(); i++) {
        store.setCertificateEntry(Integer.toString(i), trusted.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return (X509TrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK verifies by PKIX", e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verify(chain, authType, true, null);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verify(chain, authType, true, null);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verify(chain, authType, true, null);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verify(chain, authType, false, null);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verify(chain, authType, false, engine.getPeerHost());
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verify(chain, authType, false, null);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trusted.clone();
  }

  private void verify(
      X509Certificate[] chain, String authType, boolean client, @Nullable String host)
      throws CertificateException {
    if (validation.isEmpty()) {
      return;
    }
    PeerValidation rules = validation.get();
    if (authorities != null) {
      verifyPath(authorities, chain, authType, client);
    }
    verifyPins(rules, chain[0]);
    CertificateInfo peer = new CertificateInfo(Arrays.asList(chain));
    verifyNames(rules.names(), peer);
    if (verifySni && (host == null || !AcceptedNames.hasDnsName(peer.dnsNames(), host))) {
      throw new PeerRefusedException(
          Reason.NAME, "certificate of " + peer.dnsNames() + " (expected: of " + host + ")");
    }
  }

  private static void verifyPath(
      X509TrustManager authorities, X509Certificate[] chain, String authType, boolean client)
      throws PeerRefusedException {
    try {
      if (client) {
        authorities.checkClientTrusted(chain, authType);
      } else {
        authorities.checkServerTrusted(chain, authType);
      }
    } catch (CertificateException e) {
      throw new PeerRefusedException(
          Reason.UNTRUSTED,
          "certificate of " + chain[0].getSubjectX500Principal() + ": " + e.getMessage());
    }
  }

  private static void verifyPins(PeerValidation rules, X509Certificate leaf)
      throws CertificateException {
    if (rules.keyPins().isEmpty() && rules.certificatePins().isEmpty()) {
      return;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] key = digest.digest(leaf.getPublicKey().getEncoded());
      byte[] certificate = digest.digest(leaf.getEncoded());
      if (!rules.keyPins().contains(Base64.getEncoder().encodeToString(key))
          && !rules.certificatePins().contains(HexFormat.of().formatHex(certificate))) {
        throw new PeerRefusedException(
            Reason.PIN,
            "certificate of " + leaf.getSubjectX500Principal() + " (expected: a pinned one)");
      }
    } catch (GeneralSecurityException e) {
      throw e instanceof CertificateException refusal ? refusal : new CertificateException(e);
    }
  }

  private static void verifyNames(List<SanMatcher> accepted, CertificateInfo peer)
      throws PeerRefusedException {
    if (accepted.isEmpty()) {
      return;
    }
    for (SanMatcher matcher : accepted) {
      boolean matches =
          switch (matcher.type()) {
            case URI -> peer.uris().stream().anyMatch(matcher.match()::matches);
            case EMAIL -> peer.emails().stream().anyMatch(matcher.match()::matches);
            case IP_ADDRESS -> peer.addresses().stream().anyMatch(matcher.match()::matches);
            case DNS -> AcceptedNames.matchesDns(matcher.match(), peer.dnsNames());
          };
      if (matches) {
        return;
      }
    }
    throw new PeerRefusedException(
        Reason.NAME,
        "certificate of %s, %s, %s, %s (expected: a name that is accepted)"
            .formatted(peer.uris(), peer.dnsNames(), peer.addresses(), peer.emails()));
  }
}
