package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.postgres.PostgresFilterParser;
import io.handfast.proxy.tcp.TcpProxyParser;
import io.handfast.proxy.transaction.manager.ManagerParser;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigError;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the whole configuration can tell about transactions. */
final class TransactionCheckTest {
  private static final String MANAGER =
      """
      bootstrap_extensions:
      - name: handfast.transaction_manager
        typed_config:
          "@type": a/handfast.transaction.v1.TransactionManager
          service_name: bank
          #MANAGER#
          control: { authority: "a-1:15014" }
          control_trust: PLAINTEXT
          store: { journal: { directory: d } }
      """;

  private static final String RESOURCES =
      """
      static_resources:
        listeners:
        - name: in
          traffic_direction: INBOUND
          address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                http_filters:
                - { name: tx, typed_config: { "@type": a/handfast.transaction.v1.Transaction, trust: PLAINTEXT } }
                - { name: router, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes:
                    - { match: { prefix: /plain }, route: { cluster: service, timeout: 0s } }
                    - match: { prefix: / }
                      route: #ROUTE#
                      typed_per_filter_config:
                        tx:
                          "@type": a/handfast.transaction.v1.TransactionPerRoute
                          participant: { callback: { confirm: { path: /confirm }, cancel: { path: /cancel } } }
        clusters:
        - name: service
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 80 } } }
      """;

  private static final HttpFilterParser ROUTER =
      new HttpFilterParser() {
        @Override
        public Message type() {
          return Router.getDefaultInstance();
        }

        @Override
        public boolean terminal() {
          return true;
        }

        @Override
        public Object parse(Message config, TrafficDirection direction, Scope scope) {
          return config;
        }
      };

  @Test
  void shouldAcceptACallbackWhenItsTryIsBoundedAndItsServiceKnown() {
    assertThat(errors("local_cluster: service", "{ cluster: service, timeout: 3s }")).isEmpty();
    assertThat(errors("local_cluster: service", "{ cluster: service }")).isEmpty();
  }

  @Test
  void shouldRefuseACallbackWhenNothingBoundsItsTryT17() {
    // When
    List<ConfigError> errors =
        errors("local_cluster: service", "{ cluster: service, timeout: 0s }");

    // Then
    assertThat(errors)
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path())
              .isEqualTo(
                  "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config"
                      + ".virtual_hosts[0].routes[1].route.timeout");
          assertThat(error.problem()).startsWith("0s (expected: > 0s: ");
        });
  }

  @Test
  void shouldRefuseACallbackOfWeightedClustersWhenNothingBoundsItsTryT17() {
    // When
    List<ConfigError> errors =
        errors(
            "local_cluster: service",
            "{ weighted_clusters: { clusters: [{ name: service, weight: 1 }] }, timeout: 0s }");

    // Then
    assertThat(errors)
        .singleElement()
        .satisfies(error -> assertThat(error.path()).endsWith("routes[1].route.timeout"));
  }

  @Test
  void shouldRefuseACallbackWhenTheServiceIsNotKnown() {
    assertThat(errors("", "{ cluster: service }"))
        .singleElement()
        .satisfies(error ->
            assertThat(error.problem())
                .startsWith("a route with a callback participant (expected: local_cluster in"));
    assertThat(errors("local_cluster: other", "{ cluster: service }"))
        .singleElement()
        .satisfies(error ->
            assertThat(error.problem())
                .contains("local_cluster: 'other' (expected: a cluster of this configuration)"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ONE_PHASE", "THREE_PHASE"})
  void shouldRefuseWhatIsNotTwoPhaseWhenTheStoreIsOnEtcd(String protocol) {
    // Given
    String another =
        RESOURCES.replaceAll(
            "( +)participant:", "$1boundary: { protocol: " + protocol + " }\n$1participant:");
    String etcd =
        MANAGER.replace("journal: { directory: d }", "etcd: { endpoints: [\"http://h:1\"] }");

    // When, Then
    assertThat(validate("local_cluster: service", "{ cluster: service }", MANAGER + another))
        .isEmpty();
    assertThat(validate("local_cluster: service", "{ cluster: service }", etcd + RESOURCES))
        .isEmpty();
    assertThat(validate("local_cluster: service", "{ cluster: service }", etcd + another))
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).endsWith("routes[1].typed_per_filter_config.boundary.protocol");
          assertThat(error.problem())
              .isEqualTo(protocol + " (expected: TWO_PHASE, for the store is on etcd)");
        });
  }

  private static final String DATABASES =
      "databases: [{ name: accounts, addresses: [db], user: bank }]";

  private static final String POSTGRES =
      """
      { name: postgres, typed_config: { "@type": a/handfast.transaction.v1.PostgresTransaction,
        stat_prefix: accounts, database: accounts } }\
      """;

  private static final String TCP =
      """
      { name: tcp, typed_config: { "@type": a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy,
        stat_prefix: accounts, cluster: database } }\
      """;

  private static String database(String... filters) {
    return """
    static_resources:
      listeners:
      - name: accounts
        address: { socket_address: { address: 127.0.0.1, port_value: 5432 } }
        filter_chains: [{ filters: [ %s ] }]
      clusters:
      - { name: database, load_assignment: { cluster_name: database } }
    """
        .formatted(String.join(", ", filters));
  }

  @Test
  void shouldAcceptAFilterOfADatabaseWhenItsPreparedTransactionsAreCompleted() {
    assertThat(validate(DATABASES, "", MANAGER + database(POSTGRES, TCP))).isEmpty();
  }

  @Test
  void shouldRefuseAFilterOfADatabaseWhenItDoesNotStandBeforeTcpProxy() {
    assertThat(validate(DATABASES, "", MANAGER + database(POSTGRES, POSTGRES, TCP)))
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("listeners[\"accounts\"]");
          assertThat(error.problem())
              .isEqualTo(
                  "handfast.postgres_transaction: not in its place (expected: directly before"
                      + " envoy.filters.network.tcp_proxy, which brings it to the database)");
        });
  }

  @Test
  void shouldRefuseAFilterOfADatabaseWhenNothingCompletesWhatIsPreparedThere() {
    assertThat(validate("", "", MANAGER + database(POSTGRES, TCP)))
        .singleElement()
        .satisfies(error ->
            assertThat(error.problem())
                .startsWith(
                    "handfast.postgres_transaction: database: 'accounts' (expected: one of the"
                        + " databases of handfast.transaction_manager"));
    assertThat(validate("", "", database(POSTGRES, TCP)))
        .singleElement()
        .satisfies(error ->
            assertThat(error.problem())
                .isEqualTo(
                    "handfast.postgres_transaction: speaks of transactions (expected:"
                        + " handfast.transaction_manager among bootstrap_extensions)"));
  }

  @Test
  void shouldRefuseADatabaseParticipantWhenThereIsNoDatabase() {
    // Given
    String route = RESOURCES.replaceAll("participant: .*", "participant: { database: {} }");

    // When, Then
    assertThat(validate(DATABASES, "{ cluster: service }", MANAGER + route)).isEmpty();
    assertThat(validate("", "{ cluster: service }", MANAGER + route))
        .singleElement()
        .satisfies(error ->
            assertThat(error.problem())
                .startsWith(
                    "a route with a database participant (expected: databases in"
                        + " handfast.transaction_manager"));
  }

  @Test
  void shouldTakeAnyNameForADatabaseWhenTheSidecarIsAnother() {
    assertThat(validate(false, MANAGER.replace("#MANAGER#", "") + database(POSTGRES, TCP)))
        .isEmpty();
  }

  private static List<ConfigError> errors(String ofManager, String route) {
    return validate(ofManager, route, MANAGER + RESOURCES);
  }

  private static List<ConfigError> validate(String ofManager, String route, String template) {
    return validate(true, template.replace("#MANAGER#", ofManager).replace("#ROUTE#", route));
  }

  private static List<ConfigError> validate(boolean knowsDatabases, String yaml) {
    Extensions extensions =
        new Extensions(
            List.of(new TcpProxyParser(), new PostgresFilterParser()),
            List.of(new FilterParser(), ROUTER),
            List.of(new PeerPolicyParser()),
            List.of(new ManagerParser()),
            List.of(new TransactionCheck(knowsDatabases)),
            _ -> Optional.empty());
    return new ConfigLoader(extensions).validate(BootstrapSource.ofYaml(yaml)).errors();
  }
}
