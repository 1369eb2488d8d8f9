package io.handfast.proxy.tls;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.config.tls.TlsParameters;
import io.handfast.proxy.config.tls.TlsVersion;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** Netty's contexts of what was configured and read. Stateless; for any thread but event loops. */
final class SslContexts {
  /** As many sessions of TLS 1.2 as BoringSSL keeps by itself. */
  private static final long CACHED_SESSIONS = 20_480;

  private static final List<String> TLS_1_3_SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  private static final Map<String, String> JAVA_NAMES =
      Map.of(
          "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");

  private static final Map<String, String> JAVA_GROUPS =
      Map.of("X25519", "x25519", "P-256", "secp256r1", "P-384", "secp384r1", "P-521", "secp521r1");

  private SslContexts() {}

  /**
   * A context; the caller releases it.
   *
   * @throws SSLException if the library refuses it
   */
  static SslContext build(TlsConfig config, TlsMaterial material, SslProvider provider)
      throws SSLException {
    return switch (config) {
      case TlsConfig.Downstream server -> server(server, material, provider);
      case TlsConfig.Upstream client -> client(client, material, provider);
    };
  }

  private static SslContext server(
      TlsConfig.Downstream config, TlsMaterial material, SslProvider provider) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(keys(material, provider))
            .clientAuth(clientAuth(config))
            .trustManager(new PeerVerifier(config.common().validation(), material.trusted(), false))
            .sessionCacheSize(CACHED_SESSIONS)
            .sessionTimeout(Math.max(1, config.sessionTimeout().toSeconds()));
    return common(builder, config.common(), provider).build();
  }

  private static ClientAuth clientAuth(TlsConfig.Downstream config) {
    if (config.common().validation().isEmpty()) {
      return ClientAuth.NONE;
    }
    return config.requireClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL;
  }

  private static SslContext client(
      TlsConfig.Upstream config, TlsMaterial material, SslProvider provider) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            // Names are verified as configured; by default Netty would want that of the address.
            .endpointIdentificationAlgorithm("")
            .trustManager(
                new PeerVerifier(
                    config.common().validation(), material.trusted(), config.verifySni()));
    if (!material.identities().isEmpty()) {
      builder.keyManager(keys(material, provider));
    }
    return common(builder, config.common(), provider).build();
  }

  /** BoringSSL would otherwise take every key apart anew for each handshake. */
  private static KeyManagerFactory keys(TlsMaterial material, SslProvider provider) {
    KeyManagerFactory factory = IdentitySelector.factory(material.identities());
    return provider == SslProvider.JDK ? factory : new OpenSslCachingX509KeyManagerFactory(factory);
  }

  private static SslContextBuilder common(
      SslContextBuilder builder, TlsContextConfig config, SslProvider provider) {
    TlsParameters parameters = config.parameters();
    builder
        .sslProvider(provider)
        .protocols(protocols(parameters))
        .ciphers(suites(parameters), SupportedCipherSuiteFilter.INSTANCE);
    if (!config.alpnProtocols().isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              config.alpnProtocols()));
    }
    if (!parameters.groups().isEmpty() && provider != SslProvider.JDK) {
      builder.option(OpenSslContextOption.GROUPS, javaGroups(parameters));
    }
    return builder;
  }

  /** What a context of the JDK's does not say by itself: versions, and groups if some are named. */
  static void restrict(SSLParameters restricted, TlsParameters parameters) {
    restricted.setProtocols(protocols(parameters).toArray(String[]::new));
    if (!parameters.groups().isEmpty()) {
      restricted.setNamedGroups(javaGroups(parameters));
    }
  }

  /** Names of the groups as the JDK has them. */
  static String[] javaGroups(TlsParameters parameters) {
    return parameters.groups().stream().map(JAVA_GROUPS::get).toArray(String[]::new);
  }

  private static List<String> protocols(TlsParameters parameters) {
    List<String> protocols = new ArrayList<>();
    for (TlsVersion version : TlsVersion.values()) {
      if (version.compareTo(parameters.minimum()) >= 0
          && version.compareTo(parameters.maximum()) <= 0) {
        protocols.add(version.text());
      }
    }
    return protocols;
  }

  private static List<String> suites(TlsParameters parameters) {
    List<String> suites = new ArrayList<>();
    if (parameters.maximum() == TlsVersion.TLS_1_3) {
      suites.addAll(TLS_1_3_SUITES);
    }
    if (parameters.minimum() == TlsVersion.TLS_1_2) {
      parameters.cipherSuites().stream().map(JAVA_NAMES::get).forEach(suites::add);
    }
    return suites;
  }

  /** The name of a suite as OpenSSL and Envoy write it. */
  static String openSslName(String javaName) {
    for (Map.Entry<String, String> names : JAVA_NAMES.entrySet()) {
      if (names.getValue().equals(javaName)) {
        return names.getKey();
      }
    }
    return javaName; // those of TLS 1.3 have one name
  }
}
