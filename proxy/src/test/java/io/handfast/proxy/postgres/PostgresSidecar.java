package io.handfast.proxy.postgres;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/** A sidecar in this process that is a service's PostgreSQL server, and nothing else. */
final class PostgresSidecar implements AutoCloseable {
  private final Sidecar sidecar;

  private PostgresSidecar(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  /**
   * A configuration that changes little by little, in YAML's flow style.
   *
   * @param filter more fields of the filter, each behind a comma
   * @param chain more fields of the filter chain
   * @param cluster more fields of the server's cluster
   */
  record Config(int server, String filter, String chain, String cluster) {
    static final String TYPE = "type.googleapis.com/";

    private static final String DOWNSTREAM =
        TYPE + "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
    private static final String UPSTREAM =
        TYPE + "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
    private static final String STARTTLS =
        TYPE + "envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig";

    static Config to(int server) {
      return new Config(server, "", "", "");
    }

    /** More fields of the filter. */
    Config filter(String fields) {
      return new Config(server, filter + ", " + fields, chain, cluster);
    }

    /** Clients may ask for TLS. */
    Config tls(Path certificates) {
      return filter(
          "tls: { \"@type\": %s, common_tls_context: { tls_certificates: [%s] } }"
              .formatted(DOWNSTREAM, certificate(certificates, "sidecar")));
    }

    /** Clients speak TLS from the first byte on. */
    Config directTls(Path certificates) {
      return new Config(
          server,
          filter,
          chain
              + ", transport_socket: { name: tls, typed_config: { \"@type\": %s, common_tls_context: { alpn_protocols: [postgresql], tls_certificates: [%s] } } }"
                  .formatted(DOWNSTREAM, certificate(certificates, "sidecar")),
          cluster);
    }

    /** TLS to the server, which is asked for it. */
    Config startTls(Path certificates, String common) {
      return cluster(
          "transport_socket: { name: starttls, typed_config: { \"@type\": %s, tls_socket_config: { sni: localhost, common_tls_context: { validation_context: { trusted_ca: { filename: %s/ca.pem }, match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: localhost } }] } %s } } } }"
              .formatted(STARTTLS, certificates, common));
    }

    /** TLS to the server from the first byte on. */
    Config upstreamTls(Path certificates) {
      return cluster(
          "transport_socket: { name: tls, typed_config: { \"@type\": %s, sni: localhost, common_tls_context: { alpn_protocols: [postgresql], validation_context: { trusted_ca: { filename: %s/ca.pem } } } } }"
              .formatted(UPSTREAM, certificates));
    }

    /** More fields of the cluster. */
    Config cluster(String fields) {
      return new Config(server, filter, chain, cluster + ", " + fields);
    }

    static String certificate(Path directory, String name) {
      return "{ certificate_chain: { filename: %1$s/%2$s.pem }, private_key: { filename: %1$s/%2$s.key } }"
          .formatted(directory, name);
    }

    String yaml(Path directory) {
      return """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      bootstrap_extensions:
      - name: handfast.transaction_manager
        typed_config:
          "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
          service_name: service
          store: { journal: { directory: %1$s/journal } }
          control: { address: 127.0.0.1, port: 0 }
          control_trust: PLAINTEXT
          databases: [{ name: accounts, addresses: ["127.0.0.1:%6$d"], user: postgres }]
      static_resources:
        listeners:
        - name: accounts
          traffic_direction: OUTBOUND
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - { filters: [
              { name: postgres, typed_config: {
                "@type": type.googleapis.com/handfast.transaction.v1.PostgresTransaction,
                stat_prefix: accounts, database: accounts %3$s } },
              { name: tcp, typed_config: {
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy,
                stat_prefix: accounts, cluster: database } } ] %4$s }
        clusters:
        - { name: database, connect_timeout: 5s, load_assignment: { cluster_name: database, endpoints: [{ lb_endpoints: [
              { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %2$d } } } }] }] } %5$s }
      """
          .formatted(directory, server, filter, chain, cluster, PostgresServer.shared().port());
    }
  }

  static PostgresSidecar of(Config config, Path directory) {
    try {
      return new PostgresSidecar(Sidecars.start(config.yaml(directory), 1, Duration.ofSeconds(1)));
    } catch (StartException e) {
      throw new IllegalStateException(e);
    }
  }

  int port() {
    return sidecar.listenerAddress("accounts").orElseThrow().getPort();
  }

  Sidecar sidecar() {
    return sidecar;
  }

  PostgresStats stats() {
    return new PostgresStats(sidecar.stats(), "accounts");
  }

  /** As the superuser. */
  Connection connect(String database, String parameters) throws SQLException {
    return DriverManager.getConnection(url(port(), database, "user=postgres&" + parameters));
  }

  static String url(int port, String database, String parameters) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?%s".formatted(port, database, parameters);
  }

  @Override
  public void close() {
    sidecar.close();
  }
}
