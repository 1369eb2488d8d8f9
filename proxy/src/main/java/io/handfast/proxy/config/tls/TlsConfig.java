package io.handfast.proxy.config.tls;

import java.time.Duration;
import java.util.List;

/** TLS on one side of connections. */
public sealed interface TlsConfig {

  /** What both sides have. */
  TlsContextConfig common();

  /**
   * TLS of a filter chain ({@code DownstreamTlsContext}).
   *
   * @param requireClientCertificate a client without one is refused
   * @param requireSni a client that names no server is refused
   * @param sessionTimeout how long a session can be resumed
   */
  record Downstream(
      TlsContextConfig common,
      boolean requireClientCertificate,
      boolean requireSni,
      Duration sessionTimeout)
      implements TlsConfig {

    /** How long a session can be resumed if nothing else is said; BoringSSL's own default. */
    public static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofHours(2);

    public Downstream {
      if (common.certificates().isEmpty()) {
        throw new IllegalArgumentException(
            "common_tls_context.tls_certificates: [] (expected: at least one)");
      }
      if (requireClientCertificate && common.validation().isEmpty()) {
        throw new IllegalArgumentException(
            "require_client_certificate: true (expected: a validation_context by which it is"
                + " verified)");
      }
    }

    /** The same for who speaks one of these; they are agreed to if nothing else was configured. */
    public Downstream offering(List<String> protocols) {
      return common.alpnProtocols().isEmpty()
          ? new Downstream(
              common.offering(protocols), requireClientCertificate, requireSni, sessionTimeout)
          : this;
    }
  }

  /**
   * TLS of a cluster ({@code UpstreamTlsContext}).
   *
   * @param sni the server's name to ask for; empty: none
   * @param autoHostSni the endpoint's hostname is asked for, and {@code sni} if it has none
   * @param verifySni the server's certificate must be for the name that was asked for
   * @param startsPlain a connection begins in plain and asks for TLS first, as PostgreSQL's does
   *     ({@code UpstreamStartTlsConfig})
   */
  record Upstream(
      TlsContextConfig common,
      String sni,
      boolean autoHostSni,
      boolean verifySni,
      boolean startsPlain)
      implements TlsConfig {

    /** TLS from the first byte on. */
    public Upstream(TlsContextConfig common, String sni, boolean autoHostSni, boolean verifySni) {
      this(common, sni, autoHostSni, verifySni, false);
    }

    public Upstream {
      if (common.certificates().size() > 1) {
        throw new IllegalArgumentException(
            "common_tls_context.tls_certificates: "
                + common.certificates().size()
                + " entries (expected: at most 1)");
      }
      if (verifySni && common.validation().flatMap(PeerValidation::trustedCa).isEmpty()) {
        throw new IllegalArgumentException(
            "auto_sni_san_validation: true (expected: a validation_context with trusted_ca)");
      }
    }

    /** The same for who speaks one of these; they are offered if nothing else was configured. */
    public Upstream offering(List<String> protocols) {
      return protocols.isEmpty() || !common.alpnProtocols().isEmpty()
          ? this
          : new Upstream(common.offering(protocols), sni, autoHostSni, verifySni, startsPlain);
    }

    /** The same with other certificates. */
    public Upstream with(TlsContextConfig other) {
      return new Upstream(other, sni, autoHostSni, verifySni, startsPlain);
    }

    /** The same, asked for in plain; what is offered by ALPN is PostgreSQL's if nothing else is. */
    public Upstream startingPlain() {
      return new Upstream(
          common.alpnProtocols().isEmpty() ? common.offering(List.of(Alpn.POSTGRESQL)) : common,
          sni,
          autoHostSni,
          verifySni,
          true);
    }
  }
}
