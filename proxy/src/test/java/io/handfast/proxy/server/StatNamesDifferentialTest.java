package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is counted here under a name of Envoy's is counted there, and is of the same type: the
 * families of {@code /stats/prometheus} of both, with the same configuration. Envoy has more; what
 * dashboards ask for is {@code PrometheusTextTest}'s.
 */
@Tag("full")
final class StatNamesDifferentialTest {
  private static final Pattern ENVOYS =
      Pattern.compile(
          "# TYPE envoy_(cluster|cluster_manager|http|listener|listener_manager|tcp|server)_.*");

  /**
   * What Envoy has only where it is used (codecs, TLS, control planes), or where something was
   * recorded, and what is left of the priority that has no bounds of its own.
   */
  private static final Pattern ELSEWHERE =
      Pattern.compile(
          "# TYPE envoy_(\\w+_http2_.*|http2_.*|\\w+_ssl_.*|http_inspector_.*|cluster_manager_cds_.*|listener_manager_lds_.*|cluster_upstream_rq_time .*"
              + "|cluster_circuit_breakers_high_remaining_.*)");

  /** What Envoy does not do, or tells its load reporting service only. */
  private static final Pattern OURS =
      Pattern.compile(
          "# TYPE envoy_(tcp_downstream_cx_spliced_total|cluster_upstream_rq_drop_overload|handfast_\\w+) .*");

  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${admin} } } }
      static_resources:
        clusters:
        - name: service
          connect_timeout: 1s
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } } ]
          circuit_breakers: { thresholds: [ { track_remaining: true } ] }
        listeners:
        - name: tcp
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: tcp
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: tcp
                cluster: service
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: ${in} } }
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes:
                    - { match: { prefix: /direct }, direct_response: { status: 204 } }
                    - { match: { prefix: / }, route: { cluster: service } }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
      """;

  @TempDir Path directory;

  @Test
  void shouldCountUnderTheNamesAndTypesOfEnvoy() throws Exception {
    // Given
    int in = Envoy.freePort();
    int admin = Envoy.freePort();
    Set<String> envoys;
    try (Envoy envoy = Envoy.start(config(in, admin), in, directory)) {
      envoys = families(envoy.port(), admin);
    }

    // When
    Set<String> own;
    try (Sidecar sidecar = Sidecars.start(config(0, 0))) {
      own =
          families(
              sidecar.listenerAddress("in").orElseThrow().getPort(),
              sidecar.adminAddress().getPort());
    }

    // Then
    own.removeIf(family -> !ENVOYS.matcher(family).matches());
    assertThat(own).hasSizeGreaterThan(120);
    own.removeAll(envoys);
    own.removeIf(family -> ELSEWHERE.matcher(family).matches());
    own.removeIf(family -> OURS.matcher(family).matches());
    assertThat(own).isEmpty();
  }

  private static Set<String> families(int in, int admin) throws Exception {
    get(in, "/direct");
    get(in, "/");
    return get(admin, "/stats/prometheus")
        .lines()
        .filter(line -> line.startsWith("# TYPE "))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String get(int port, String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static String config(int in, int admin) {
    return CONFIG
        .replace("${in}", Integer.toString(in))
        .replace("${admin}", Integer.toString(admin));
  }
}
