package io.handfast.proxy.config.tls;

import java.util.List;

/**
 * What is negotiated ({@code TlsParameters}).
 *
 * @param minimum lowest version
 * @param maximum highest version
 * @param cipherSuites of TLS 1.2 in order of preference, in OpenSSL's names, each of {@link
 *     #CIPHER_SUITES}; those of TLS 1.3 are fixed
 * @param groups for the key exchange in order of preference, each of {@link #GROUPS}; empty: the
 *     library's
 */
public record TlsParameters(
    TlsVersion minimum, TlsVersion maximum, List<String> cipherSuites, List<String> groups) {

  /** Suites of TLS 1.2 with forward secrecy and authenticated encryption: there are no others. */
  public static final List<String> CIPHER_SUITES =
      List.of(
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "ECDHE-ECDSA-CHACHA20-POLY1305",
          "ECDHE-RSA-CHACHA20-POLY1305",
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384");

  /** Groups of the key exchange, in Envoy's names. */
  public static final List<String> GROUPS = List.of("X25519", "P-256", "P-384", "P-521");

  public static final TlsParameters DEFAULTS =
      new TlsParameters(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3, CIPHER_SUITES, List.of());

  public TlsParameters {
    if (minimum.compareTo(maximum) > 0) {
      throw new IllegalArgumentException(
          "tls_minimum_protocol_version: "
              + minimum.text()
              + " (expected: at most tls_maximum_protocol_version, "
              + maximum.text()
              + ")");
    }
    cipherSuites = List.copyOf(cipherSuites);
    groups = List.copyOf(groups);
  }
}
