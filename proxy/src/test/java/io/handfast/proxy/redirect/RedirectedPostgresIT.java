package io.handfast.proxy.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresServer;
import io.handfast.proxy.redirect.Redirection.Backend;
import io.handfast.proxy.redirect.Redirection.Ipv6;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service in a pod that connects to its database by the database's own address: the kernel
 * redirects requests and connections to the sidecar, and neither side is told.
 */
final class RedirectedPostgresIT {
  private static final int DATABASE = 5432;
  private static final Duration START = Duration.ofSeconds(90);

  private static final RedirectPlan PLAN = RedirectPlans.everythingBut();

  @TempDir private Path directory;

  @Test
  void shouldPrepareWhatAServiceWritesAtTheDatabasesOwnAddress() throws Exception {
    PostgresServer server = PostgresServer.shared();
    try (Namespaces namespaces = Namespaces.create()) {
      // Given
      String database = server.newDatabase();
      server.execute(
          database,
          "CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)",
          "INSERT INTO account VALUES (1, 0)");
      namespaces.startInPeer(
          directory.resolve("relay.log"),
          java(
              List.of(),
              "io.handfast.proxy.redirect.UnixRelay",
              Namespaces.PEER_V4,
              String.valueOf(DATABASE),
              "/tmp/.s.PGSQL." + server.port()));
      Path service = directory.resolve("service.log");
      Path agent =
          Path.of(System.getProperty("basedir", ""), "target/agents/opentelemetry-javaagent.jar");
      namespaces.startInPod(
          service,
          java(
              List.of(
                  "-javaagent:" + agent.toAbsolutePath(),
                  "-Dotel.instrumentation.common.db.experimental.sqlcommenter.enabled=true",
                  "-Dotel.traces.exporter=none",
                  "-Dotel.metrics.exporter=none",
                  "-Dotel.logs.exporter=none"),
              "io.handfast.proxy.agents.UnmodifiedSqlService"));
      int port = await().atMost(START).until(() -> port(service), each -> each > 0);
      Path config =
          Files.writeString(
              directory.resolve("sidecar.yaml"),
              SIDECAR.formatted(directory.resolve("journal"), database, port, DATABASE));
      List<String> sidecar = new ArrayList<>(List.of("setpriv", "--regid", "1337"));
      sidecar.add("--clear-groups");
      sidecar.addAll(
          java(List.of(), "io.handfast.proxy.cli.Main", "proxy", "-c", config.toString()));
      Path log = directory.resolve("sidecar.log");
      namespaces.startInPod(log, sidecar);
      new Redirection(namespaces.inPod(), Backend.NFT, Ipv6.ALWAYS).install(PLAN);
      await("the sidecar: " + log)
          .atMost(START)
          .until(() -> namespaces.askFromPeer(Namespaces.POD_V4, 15021).contains("200 OK"));

      // When
      String answer =
          namespaces.postFromPeer(
              Namespaces.POD_V4,
              8080,
              "/block/%s:%d/%s".formatted(Namespaces.PEER_V4, DATABASE, database));

      // Then
      assertThat(answer)
          .as("%s %s", Namespaces.read(service), Namespaces.read(log))
          .contains(" 200 ")
          .containsIgnoringCase("tx-outcome: committed")
          .endsWith("block");
      await().untilAsserted(() -> assertThat(server.prepared(database)).isEmpty());
      assertThat(server.query(database, "SELECT balance FROM account")).containsExactly("1");
      assertThat(
              namespaces
                  .inPod()
                  .run(
                      List.of(
                          "bash",
                          "-c",
                          "exec 3<>/dev/tcp/127.0.0.1/15000 && printf 'GET /stats?filter=postgres HTTP/1.1\\r\\nhost: h\\r\\nconnection: close\\r\\n\\r\\n' >&3 && cat <&3"),
                      "")
                  .output())
          .contains("postgres.redirected.blocks_prepared: 1");
    }
  }

  private static List<String> java(List<String> options, String main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(List.of(arguments));
    return command;
  }

  private static int port(Path log) throws IOException {
    Matcher said = Pattern.compile("(?m)^port (\\d+)$").matcher(Files.readString(log));
    return said.find() ? Integer.parseInt(said.group(1)) : 0;
  }

  @SuppressWarnings("InlineFormatString") // it would hide the test that fills it in
  private static final String SIDECAR =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 15000 } } }
      bootstrap_extensions:
      - name: handfast.transaction_manager
        typed_config:
          "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
          service_name: redirected
          store: { journal: { directory: %1$s } }
          control: { address: 127.0.0.1, port: 0 }
          control_trust: PLAINTEXT
          databases: [{ name: accounts, addresses: ["10.99.77.2:%4$d"], database: %2$s, user: postgres }]
      static_resources:
        listeners:
        - name: out
          traffic_direction: OUTBOUND
          address: { socket_address: { address: 0.0.0.0, port_value: 15001 } }
          use_original_dst: true
          listener_filters:
          - { name: o, typed_config: { "@type": a/envoy.extensions.filters.listener.original_dst.v3.OriginalDst } }
          filter_chains:
          - filter_chain_match: { destination_port: %4$d }
            filters:
            - { name: postgres, typed_config: { "@type": a/handfast.transaction.v1.PostgresTransaction, stat_prefix: redirected, database: accounts, propagation: MANDATORY } }
            - { name: tcp, typed_config: { "@type": a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: passthrough } }
          default_filter_chain:
            filters:
            - { name: tcp, typed_config: { "@type": a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: passthrough } }
        - name: in
          traffic_direction: INBOUND
          address: { socket_address: { address: 0.0.0.0, port_value: 15006 } }
          listener_filters:
          - { name: o, typed_config: { "@type": a/envoy.extensions.filters.listener.original_dst.v3.OriginalDst } }
          filter_chains:
          - filters:
            - name: h
              typed_config:
                "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                route_config:
                  virtual_hosts:
                  - name: v
                    domains: ["*"]
                    routes:
                    - match: { prefix: / }
                      route: { cluster: service, timeout: 30s }
                      typed_per_filter_config: { handfast.transaction: { "@type": a/handfast.transaction.v1.TransactionPerRoute, boundary: { timeout: 20s }, participant: { database: {} } } }
                http_filters:
                - { name: handfast.transaction, typed_config: { "@type": a/handfast.transaction.v1.Transaction, trust: PLAINTEXT } }
                - { name: router, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }
        - name: ready
          address: { socket_address: { address: 0.0.0.0, port_value: 15021 } }
          filter_chains:
          - filters:
            - name: h
              typed_config:
                "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: ready
                route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }] }
                http_filters: [{ name: router, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }]
        clusters:
        - { name: passthrough, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, connect_timeout: 5s }
        - { name: service, load_assignment: { cluster_name: service, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %3$d } } } }] }] } }
      """;
}
