package io.handfast.proxy.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;

/**
 * A certificate of ours with its key. Immutable; {@code toString} tells nothing of the key.
 *
 * @param chain the leaf first
 * @param serverNames DNS names of the leaf in lower case, for the choice by SNI
 */
record Identity(PrivateKey key, List<X509Certificate> chain, List<String> serverNames) {

  Identity {
    chain = List.copyOf(chain);
    serverNames = serverNames.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  X509Certificate leaf() {
    return chain.getFirst();
  }

  X509Certificate[] chainArray() {
    return chain.toArray(X509Certificate[]::new);
  }

  /** {@code RSA} or {@code EC}. */
  String keyType() {
    return leaf().getPublicKey().getAlgorithm();
  }

  boolean serves(String serverName) {
    return serverNames.stream().anyMatch(pattern -> DnsNames.match(pattern, serverName));
  }

  @Override
  public String toString() {
    return leaf().getSubjectX500Principal().getName();
  }
}
