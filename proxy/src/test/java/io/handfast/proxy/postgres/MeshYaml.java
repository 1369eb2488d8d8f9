package io.handfast.proxy.postgres;

import java.nio.file.Path;

/** The configuration of a sidecar beside a service that has a database and calls others. */
final class MeshYaml {
  private final StringBuilder listeners = new StringBuilder();
  private final StringBuilder clusters = new StringBuilder();

  /**
   * The service, behind the listener {@code inbound}.
   *
   * @param route its policy, in YAML's flow style
   * @param more fields of its cluster, each behind a comma
   */
  MeshYaml serves(String route, int port, String more) {
    String policy =
        ", typed_per_filter_config: { handfast.transaction: { \"@type\": type.googleapis.com/handfast.transaction.v1.TransactionPerRoute, %s } }"
            .formatted(route);
    listener("inbound", "INBOUND", "service", "0s", ", trust: PLAINTEXT", policy);
    cluster("service", port, more);
    return this;
  }

  /**
   * Whom the service calls, behind a listener {@code to-<peer>}.
   *
   * @param timeout of a call
   * @param more fields of the cluster, each behind a comma
   */
  MeshYaml calls(String peer, int port, String timeout, String more) {
    listener("to-" + peer, "OUTBOUND", peer, timeout, "", "");
    cluster(
        peer,
        port,
        ", metadata: { filter_metadata: { handfast.transaction: { participant: true, trust: PLAINTEXT } } }"
            + more);
    return this;
  }

  /**
   * All of it, with the listener {@code db} in front of the database.
   *
   * @param filter more fields of the database's filter, each behind a comma
   */
  String sidecar(
      String name, Path directory, PostgresServer server, String database, String filter) {
    cluster("database", server.port(), "");
    return """
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    bootstrap_extensions:
    - name: handfast.transaction_manager
      typed_config:
        "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
        service_name: %1$s
        store: { journal: { directory: %2$s/%1$s.journal } }
        control: { address: 127.0.0.1, port: 0 }
        control_trust: PLAINTEXT
        databases: [{ name: accounts, addresses: ["127.0.0.1:%3$d"], database: %4$s, user: postgres, scan_interval: 0.5s }]
    static_resources:
      listeners:
    %5$s  - name: db
        traffic_direction: OUTBOUND
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - { name: postgres, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.PostgresTransaction, stat_prefix: db, database: accounts %6$s } }
          - { name: tcp, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: db, cluster: database } }
      clusters:
    %7$s\
    """
        .formatted(name, directory, server.port(), database, listeners, filter, clusters);
  }

  private void cluster(String name, int port, String more) {
    clusters.append(
        "  - { name: %1$s, load_assignment: { cluster_name: %1$s, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %2$d } } } }] }] } %3$s }\n"
            .formatted(name, port, more));
  }

  private void listener(
      String name, String direction, String cluster, String timeout, String filter, String policy) {
    listeners.append(
        """
          - name: %1$s
            traffic_direction: %2$s
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: %1$s
                  stream_idle_timeout: 0s
                  route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: %3$s, timeout: %4$s } %6$s }] }] }
                  http_filters:
                  - { name: handfast.transaction, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction %5$s } }
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
        """
            .formatted(name, direction, cluster, timeout, filter, policy));
  }
}
