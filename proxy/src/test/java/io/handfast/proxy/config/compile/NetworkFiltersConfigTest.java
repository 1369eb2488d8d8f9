package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.store.Compiled;
import java.util.List;
import org.junit.jupiter.api.Test;

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
                + "envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy])");
  }

  private static List<String> texts(Compiled<ConfigSnapshot> compiled) {
    return compiled.errors().stream().map(ConfigError::toString).toList();
  }
}
