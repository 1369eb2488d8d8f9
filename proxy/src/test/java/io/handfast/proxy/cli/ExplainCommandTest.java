package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class ExplainCommandTest {
  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        clusters:
        - name: orders
          connect_timeout: 1s
          load_assignment:
            cluster_name: orders
            endpoints:
            - locality: { region: eu, zone: a }
              lb_endpoints: [ { health_status: HEALTHY, endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 9001 } } } } ]
            - priority: 1
              lb_endpoints: [ { health_status: DEGRADED, endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 9002 } } } } ]
        - name: rest
          connect_timeout: 1s
          load_assignment: { cluster_name: rest }
          metadata:
            typed_filter_metadata:
              handfast.transaction: { "@type": type.googleapis.com/handfast.transaction.v1.ClusterPolicy, trust: PLAINTEXT }
        listeners:
        - name: out
          address: { socket_address: { address: 127.0.0.1, port_value: ${out} } }
          filter_chains:
          - filter_chain_match: { source_prefix_ranges: [ { address_prefix: 10.0.0.0, prefix_len: 8 } ] }
            filters:
            - name: tcp
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: tcp, cluster: rest }
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: out
                normalize_path: true
                route_config:
                  virtual_hosts:
                  - name: shop
                    domains: [ shop.test ]
                    routes:
                    - name: reads
                      match: { prefix: /orders, headers: [ { name: ":method", string_match: { exact: GET } } ] }
                      route: { cluster: rest }
                    - name: canary
                      match: { prefix: /orders, headers: [ { name: x-canary, present_match: true } ] }
                      route: { cluster: rest }
                    - name: orders
                      match: { prefix: /orders }
                      route: { weighted_clusters: { clusters: [ { name: orders, weight: 75 }, { name: rest, weight: 25 } ] } }
                  - { name: other, domains: [ "*.test" ], routes: [ { match: { prefix: / }, route: { cluster: rest } } ] }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        - name: plain
          address: { socket_address: { address: 127.0.0.1, port_value: ${plain} } }
          filter_chains:
          - filters:
            - name: tcp
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: tcp, cluster: rest }
      """;

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path file = Path.of("");

  @BeforeEach
  void write() throws Exception {
    file =
        Files.writeString(
            directory.resolve("b.yaml"),
            CONFIG.replace("${out}", "7001").replace("${plain}", "7002"));
  }

  @Test
  void shouldSayWhereARequestGoesAndWhyNotElsewhere() {
    // When
    int code =
        run(
            "--host",
            "shop.test",
            "--path",
            "/a/../orders/1",
            "--method",
            "POST",
            "--listener",
            "out");

    // Then
    assertThat(code).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            "Outcome:      sent to orders, rest",
            "Listener:     out (at 127.0.0.1:7001)",
            "  not plain: name: plain (expected: out)",
            "Filter chain: filter_chains[1] (the most specific)",
            "  not filter_chains[0]: filter_chain_match.source_prefix_ranges: 127.0.0.1 (expected: [10.0.0.0/8])",
            "Request:      POST shop.test /orders/1",
            "Virtual host: shop (domains [shop.test])",
            "  not other: domains [*.test] are none, or less specific",
            "Route:        routes[2] orders (prefix /orders)",
            "  not routes[0] reads: :method: 'POST' (expected: 'GET')",
            "  not routes[1] canary: x-canary: not there (expected: there)",
            "Cluster:      orders (75 of 100)",
            "  127.0.0.1:9001  HEALTHY  priority 0  weight 1  eu/a",
            "  127.0.0.1:9002  DEGRADED  priority 1  weight 1",
            "Cluster:      rest (25 of 100): it has no endpoint");
  }

  @Test
  void shouldExitWithOneWhenNoRouteMatches() throws Exception {
    // When
    int code = run("--host", "shop.test", "--path", "/x", "--port", "7001", "-o", "json");

    // Then
    assertThat(code).isEqualTo(1);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json.path("matched").asBoolean()).isFalse();
    assertThat(json.path("outcome").asText())
        .isEqualTo("404: no route of the virtual host matches");
    assertThat(json.path("route").path("passedOver")).hasSize(3);
    assertThat(json.path("route").path("passedOver").path(2).path("why").asText())
        .isEqualTo("path: /x (expected: prefix /orders)");
  }

  @Test
  void shouldExitWithOneWhenNoVirtualHostMatchesOrItIsTcp() {
    // When / Then
    assertThat(run("--host", "nowhere", "--path", "/", "--listener", "out")).isEqualTo(1);
    assertThat(out.toString())
        .contains("404: no virtual host has the domain nowhere")
        .contains("  not shop: domains [shop.test]");
    assertThat(run("--host", "a", "--path", "/", "--listener", "plain")).isEqualTo(1);
    assertThat(out.toString())
        .contains("it is passed on as TCP: there are no routes")
        .contains("rest: it has no endpoint");
    assertThat(run("--host", "a", "--path", "/", "--listener", "out", "--tls")).isEqualTo(1);
    assertThat(out.toString()).contains("the filter chain has no TLS");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--host a --path / |--listener: missing, and there are several (expected: one of [out, plain], or --port)",
        "--host a --path / --listener no|--listener: no (expected: one of [out, plain])",
        "--host a:1 --path / |--listener: missing, and there are several (expected: one of [out, plain], or --port)",
        "--host a --path / --port 1|--port: 1 (expected: one of [7001 of out, 7002 of plain])",
        "--host a --path / --listener out --port 7002|--port: 7002 (expected: one of [7001 of out, 7002 of plain])",
        "--host a --path x --listener out|--path: x (expected: it begins with '/')",
        "--host a --path / --listener out -H x|-H: x (expected: name:value)",
        "--host a --path / --listener out --source x|--source: x (expected: an IP address)",
        "--host a|Missing required option: '--path=PATH'",
      })
  void shouldExitWithTwoWhenTheQuestionIsNone(String arguments, String expected) {
    // When
    int code = run(arguments.strip().split(" ", -1));

    // Then
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(expected);
  }

  @Test
  void shouldTakeTheListenerFromThePortOfTheHostWhenNothingElseTellsIt() {
    // When / Then
    assertThat(run("--host", "shop.test:7001", "--path", "/orders")).isEqualTo(1);
    assertThat(out.toString())
        .contains("Listener:     out (at 127.0.0.1:7001)")
        .contains("  not plain: address: 127.0.0.1:7002 (expected: port 7001)");
    assertThat(run("--host", "shop.test:7001", "--path", "/", "--listener", "plain")).isEqualTo(1);
    assertThat(out.toString()).contains("Listener:     plain (at 127.0.0.1:7002)");
  }

  @Test
  void shouldSayWhereListenersAreWhenTheFileHasNone() throws Exception {
    // Given
    Files.writeString(file, "node: { id: a }");

    // When
    int code = run("--host", "a:80", "--path", "/");

    // Then
    assertThat(code).isEqualTo(2);
    assertThat(err.toString())
        .startsWith(
            "--from: no listener is configured there (expected: one; if a control plane sends them,"
                + " --from admin asks the sidecar that has them)");
  }

  @ParameterizedTest
  @CsvSource({"200, green", "404, Not Found", "200, 5", "500, '{}'"})
  void shouldSayWhatItExpectedWhenAnotherServerAnswers(int status, String body) throws Exception {
    // Given
    byte[] answer = body.getBytes(StandardCharsets.UTF_8);
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    other.start();
    String address = "127.0.0.1:" + other.getAddress().getPort();
    try {

      // When
      int code = command().execute("explain", "--host", "a", "--path", "/", "--admin", address);

      // Then
      assertThat(code).isEqualTo(2);
      assertThat(err.toString())
          .isEqualTo(
              "%s: /config_dump?include_eds was answered by %d %s (expected: the admin address of a running sidecar, see --admin)%n"
                  .formatted(address, status, body));
    } finally {
      other.stop(0);
    }
  }

  @Test
  void shouldExitWithTwoWhenTheConfigurationIsNone() throws Exception {
    // Given
    Files.writeString(file, "nod: {}");

    // When / Then
    assertThat(run("--host", "a", "--path", "/")).isEqualTo(2);
    assertThat(err.toString()).startsWith("nod: ");
    CommandLine command = command();
    assertThat(command.execute("explain", "--host", "a", "--path", "/", "--admin", "127.0.0.1:1"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("127.0.0.1:1: nothing listens there");
  }

  @Test
  void shouldAskARunningSidecarO1() throws Exception {
    // Given
    try (Sidecar sidecar = Sidecars.start(CONFIG.replace("${out}", "0").replace("${plain}", "0"))) {

      // When
      int code =
          command()
              .execute(
                  "explain",
                  "--admin",
                  "127.0.0.1:" + sidecar.adminAddress().getPort(),
                  "--host",
                  "shop.test",
                  "--path",
                  "/orders",
                  "-H",
                  "X-Canary: 1",
                  "--method",
                  "PUT",
                  "--listener",
                  "out");

      // Then
      assertThat(err.toString()).isEmpty();
      assertThat(code).isZero();
      assertThat(out.toString())
          .contains("Route:        routes[1] canary (prefix /orders; x-canary: there)")
          .contains("Cluster:      rest: it has no endpoint");
    }
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("explain", "--from", file.toString()));
    all.addAll(List.of(arguments));
    return command().execute(all.toArray(String[]::new));
  }

  private CommandLine command() {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command;
  }
}
