package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A change is compiled, and nothing else: counted, not timed. */
final class OneEndpointTest {

  private static final int CLUSTERS = 200;
  private static final ConfigSource ADS =
      ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance()).build();

  private final ConfigLoader loader = new ConfigLoader(TestExtensions.extensions());
  private final ResourceSet all = all();
  private final ConfigSnapshot before = compile(1, all);

  @Test
  void shouldMakeOneClusterAnewWhenOneEndpointChanges() {
    // When
    ConfigSnapshot after =
        compile(2, all.with(ResourceType.ENDPOINT, List.of(endpoints(7, 9)), Set.of()));

    // Then
    assertThat(madeAnew(after)).containsExactly("c7");
    assertThat(listenersMadeAnew(after)).isEmpty();
  }

  @Test
  void shouldMakeNoneAnewWhenARouteChanges() {
    // When
    ConfigSnapshot after = compile(2, all.with(ResourceType.ROUTE, List.of(routes(3)), Set.of()));

    // Then
    assertThat(madeAnew(after)).isEmpty();
    assertThat(listenersMadeAnew(after)).containsExactly("l");
  }

  @Test
  void shouldMakeThatClusterAnewWhenAClusterChanges() {
    // When
    ConfigSnapshot after =
        compile(2, all.with(ResourceType.CLUSTER, List.of(cluster(7, 9)), Set.of()));

    // Then
    assertThat(madeAnew(after)).containsExactly("c7");
    assertThat(listenersMadeAnew(after)).isEmpty();
  }

  @Test
  void shouldMoveThoseBehindItWhenAClusterGoesAndAnotherComes() {
    // When
    ConfigSnapshot after =
        compile(
            2,
            all.with(ResourceType.CLUSTER, List.of(cluster(CLUSTERS, 1)), Set.of("c190"))
                .with(ResourceType.ENDPOINT, List.of(endpoints(CLUSTERS, 1)), Set.of("c190")));

    // Then
    assertThat(madeAnew(after)).hasSize(10).contains("c191", "c199", "c200");
    assertThat(after.cluster("c191").orElseThrow())
        .isEqualTo(before.cluster("c191").orElseThrow().at(190));
    ConfigSnapshot again =
        compile(3, all.with(ResourceType.CLUSTER, List.of(cluster(7, 9)), Set.of()));
    assertThat(again.clusters()).hasSize(CLUSTERS);
    assertThat(again.cluster("c191").orElseThrow()).isEqualTo(before.cluster("c191").orElseThrow());
  }

  /** Names of clusters that are other objects than before. */
  private List<String> madeAnew(ConfigSnapshot after) {
    IdentityHashMap<ClusterConfig, Boolean> known = new IdentityHashMap<>();
    before.clusters().forEach(cluster -> known.put(cluster, true));
    return after.clusters().stream()
        .filter(cluster -> !known.containsKey(cluster))
        .map(ClusterConfig::name)
        .toList();
  }

  private List<String> listenersMadeAnew(ConfigSnapshot after) {
    IdentityHashMap<ListenerConfig, Boolean> known = new IdentityHashMap<>();
    before.listeners().forEach(listener -> known.put(listener, true));
    return after.listeners().stream()
        .filter(listener -> !known.containsKey(listener))
        .map(ListenerConfig::name)
        .toList();
  }

  private ConfigSnapshot compile(long version, ResourceSet resources) {
    Compiled<ConfigSnapshot> compiled = loader.compiler().compile(version, resources);
    assertThat(compiled.errors()).isEmpty();
    return compiled.snapshot().orElseThrow();
  }

  private static ResourceSet all() {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap.getAdminBuilder().getAddressBuilder().setSocketAddress(socket(0));
    List<Offered<Cluster>> clusters = new ArrayList<>();
    List<Offered<ClusterLoadAssignment>> endpoints = new ArrayList<>();
    IntStream.range(0, CLUSTERS)
        .forEach(nth -> {
          clusters.add(cluster(nth, 1));
          endpoints.add(endpoints(nth, 1));
        });
    return ResourceSet.of(bootstrap.build())
        .with(ResourceType.CLUSTER, clusters, Set.of())
        .with(ResourceType.ENDPOINT, endpoints, Set.of())
        .with(ResourceType.ROUTE, List.of(routes(1)), Set.of())
        .with(ResourceType.LISTENER, List.of(listener()), Set.of());
  }

  private static Offered<Cluster> cluster(int nth, int seconds) {
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName("c" + nth)
            .setType(Cluster.DiscoveryType.EDS)
            .setConnectTimeout(Durations.fromSeconds(seconds));
    cluster.getEdsClusterConfigBuilder().setEdsConfig(ADS);
    return new Offered<>(cluster.build(), "clusters[c" + nth + "]");
  }

  private static Offered<ClusterLoadAssignment> endpoints(int nth, int weight) {
    ClusterLoadAssignment.Builder endpoints =
        ClusterLoadAssignment.newBuilder().setClusterName("c" + nth);
    var endpoint = endpoints.addEndpointsBuilder().addLbEndpointsBuilder();
    endpoint.setLoadBalancingWeight(UInt32Value.of(weight));
    endpoint.getEndpointBuilder().getAddressBuilder().setSocketAddress(socket(1000 + nth));
    return new Offered<>(endpoints.build(), "endpoints[c" + nth + "]");
  }

  private static Offered<RouteConfiguration> routes(int seconds) {
    RouteConfiguration.Builder table = RouteConfiguration.newBuilder().setName("r");
    var host = table.addVirtualHostsBuilder().setName("all").addDomains("*");
    for (int i = 0; i < CLUSTERS; i++) {
      var route = host.addRoutesBuilder();
      route.getMatchBuilder().setPrefix("/" + i);
      route.getRouteBuilder().setCluster("c" + i).setTimeout(Durations.fromSeconds(seconds));
    }
    return new Offered<>(table.build(), "routes[r]");
  }

  private static Offered<Listener> listener() {
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder().setStatPrefix("in");
    http.getRdsBuilder().setRouteConfigName("r").setConfigSource(ADS);
    http.addHttpFiltersBuilder()
        .setName("router")
        .setTypedConfig(Any.pack(Router.getDefaultInstance()));
    Listener.Builder listener = Listener.newBuilder().setName("l");
    listener.getAddressBuilder().setSocketAddress(socket(0));
    listener
        .addFilterChainsBuilder()
        .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http.build())));
    return new Offered<>(listener.build(), "listeners[l]");
  }

  private static SocketAddress socket(int port) {
    return SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(port).build();
  }
}
