package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.tcp.TcpProxyConfig;
import io.handfast.proxy.tcp.TcpProxyConfig.WeightedCluster;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.store.Compiled;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Network filters of a chain: which are known, and where each may stand. */
final class NetworkFiltersConfigTest {

  private static final String FILTERS = "static_resources.listeners[0].filter_chains[0].filters";

  private static final String HTTP =
      """
      { name: http, typed_config: {
        "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
        stat_prefix: s, route_config: {},
        http_filters: [{ name: r, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }] } }\
      """;

  private static final String ZOOKEEPER =
      """
      { name: zk, typed_config: {
        "@type": a/envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy, stat_prefix: z } }\
      """;

  private static String chain(String... filters) {
    return """
    static_resources:
      listeners:
      - name: in
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains: [{ filters: [ %s ] }]
    """
        .formatted(String.join(", ", filters));
  }

  @Test
  void shouldLeaveOutAFilterThatOnlyObserves() {
    // When
    ConfigSnapshot snapshot =
        Bootstraps.accept(chain(ZOOKEEPER, HTTP), FILTERS + "[0].typed_config.stat_prefix");

    // Then
    FilterChainConfig chain = snapshot.listeners().getFirst().filterChains().getFirst();
    assertThat(chain.filters()).hasSize(1);
    assertThat(chain.http()).isPresent();
  }

  @Test
  void shouldRefuseFiltersThatStandInTheWrongPlace() {
    // When
    Compiled<ConfigSnapshot> first = Bootstraps.validate(chain(HTTP, HTTP));
    Compiled<ConfigSnapshot> last = Bootstraps.validate(chain(ZOOKEEPER));

    // Then
    assertThat(texts(first))
        .containsExactly(FILTERS + "[0].name: http (expected: a terminal filter stands last)");
    assertThat(texts(last))
        .containsExactly(
            FILTERS
                + "[0].name: zk (expected: the last filter is a terminal one, such as the HTTP connection manager or tcp_proxy)");
  }

  @Test
  void shouldRefuseWhatAFilterWouldDoBesideObserving() {
    // Given
    String mongo =
        """
        { name: mongo, typed_config: {
          "@type": a/envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy, stat_prefix: m,
          delay: { fixed_delay: 1s } } }\
        """;

    // When
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(chain(mongo, HTTP));

    // Then
    assertThat(texts(compiled))
        .containsExactly(
            FILTERS
                + "[0].typed_config.delay: is not supported and would change traffic (expected: not set; delaying is not built; the filter is accepted where it only counts)");
  }

  private static String tcp(String fields) {
    return """
    { name: tcp, typed_config: { "@type": a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, %s } }\
    """
        .formatted(fields);
  }

  private static String withClusters(String filter) {
    return chain(filter)
        + """
          clusters:
          - { name: a, load_assignment: { cluster_name: a } }
          - { name: b, load_assignment: { cluster_name: b } }
        """;
  }

  @Test
  void shouldGiveEveryDefaultOfTcpProxyWhenLittleIsSaid() {
    // When
    ConfigSnapshot snapshot = Bootstraps.accept(withClusters(tcp("stat_prefix: t, cluster: a")));

    // Then
    FilterChainConfig chain = snapshot.listeners().getFirst().filterChains().getFirst();
    assertThat(chain.http()).isEmpty();
    assertThat(chain.filters())
        .containsExactly(
            new TcpProxyConfig(
                "t",
                List.of(new WeightedCluster("a", 1)),
                Duration.ofHours(1),
                1,
                Duration.ZERO,
                List.of()));
  }

  @Test
  void shouldTakeEveryFieldOfTcpProxyThatIsHonoured() {
    // Given
    String filter =
        tcp(
            """
            stat_prefix: t, idle_timeout: 0s, max_connect_attempts: 3, max_downstream_connection_duration: 9s,
            access_log: [{ typed_config: { "@type": a/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog } }],
            weighted_clusters: { clusters: [{ name: a, weight: 3 }, { name: b, weight: 4294967295 }] }\
            """);

    // When
    ConfigSnapshot snapshot = Bootstraps.accept(withClusters(filter));

    // Then
    assertThat(snapshot.listeners().getFirst().filterChains().getFirst().filters())
        .containsExactly(
            new TcpProxyConfig(
                "t",
                List.of(new WeightedCluster("a", 3), new WeightedCluster("b", 4_294_967_295L)),
                Duration.ZERO,
                3,
                Duration.ofSeconds(9),
                List.of(
                    new AccessLogConfig(
                        new AccessLogConfig.Sink.Stdout(),
                        new AccessLogConfig.Format.Text(AccessLogConfig.DEFAULT_FORMAT)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cluster: a|.stat_prefix: '' (expected: a non-empty string)",
        "stat_prefix: t|.cluster_specifier: missing (expected: one of cluster, weighted_clusters)",
        "stat_prefix: t, cluster: x|.cluster: x (expected: a cluster of this configuration)",
        "stat_prefix: t, weighted_clusters: { clusters: [{ name: x, weight: 1 }] }|.weighted_clusters.clusters[0].name: x (expected: a cluster of this configuration)",
        "stat_prefix: t, weighted_clusters: { clusters: [{ name: a, weight: 0 }] }|.weighted_clusters.clusters[0].weight: 0 (expected: >= 1)",
        "stat_prefix: t, cluster: a, max_connect_attempts: 0|.max_connect_attempts: 0 (expected: >= 1)",
        "stat_prefix: t, cluster: a, max_downstream_connection_duration: 0s|.max_downstream_connection_duration: 0s (expected: >= 0.001s)",
        "stat_prefix: t, cluster: a, idle_timeout: -1s|.idle_timeout: -1s (expected: 0s to 315360000s)",
        "stat_prefix: t, cluster: a, tunneling_config: { hostname: h }|.tunneling_config: is not supported and would change traffic (expected: not set; tunnels are not built)",
        "stat_prefix: t, cluster: a, hash_policy: [{ source_ip: {} }]|.hash_policy: is not supported and would change traffic (expected: not set; choosing endpoints by a hash is not built yet)",
        "stat_prefix: t, cluster: a, upstream_idle_timeout: 1s|.upstream_idle_timeout: is not supported and would change traffic (expected: not set; not built; idle_timeout is about both sides)",
      })
  void shouldRefuseATcpProxyThatIsWrong(String fields, String error) {
    // When
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(withClusters(tcp(fields)));

    // Then
    assertThat(texts(compiled)).containsExactly(FILTERS + "[0].typed_config" + error);
  }

  @Test
  void shouldRefuseWhatIsNoNetworkFilter() {
    // Given
    String router =
        "{ name: r, typed_config: { \"@type\": a/envoy.extensions.filters.http.router.v3.Router } }";

    // When
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(chain("{ name: none }", router, HTTP));

    // Then
    assertThat(texts(compiled))
        .containsExactly(
            FILTERS + "[0].typed_config: missing (expected: the configuration of the filter)",
            FILTERS
                + "[1].typed_config: envoy.extensions.filters.http.router.v3.Router (expected: a network filter: one of "
                + "[envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, "
                + "envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy, "
                + "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, "
                + "envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy])");
  }

  private static List<String> texts(Compiled<ConfigSnapshot> compiled) {
    return compiled.errors().stream().map(ConfigError::toString).toList();
  }
}
