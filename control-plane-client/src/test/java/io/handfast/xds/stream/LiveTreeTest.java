package io.handfast.xds.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.tree.ResourceTree;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Client and tree together, on a real control plane. */
final class LiveTreeTest {

  private final SimpleCache<String> cache = new SimpleCache<>(node -> "all");
  private final TestServer server =
      new TestServer(
          Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()),
          List.of(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl()));
  private final List<ResourceSet> published = new CopyOnWriteArrayList<>();
  private final ClientRuntime runtime = server.runtime();
  private final CopyOnWriteArrayList<XdsClient> clients = new CopyOnWriteArrayList<>();
  private final ResourceTree tree =
      new ResourceTree(
          ResourceSet.of(Bootstrap.getDefaultInstance()),
          ResourceTree.Roots.ofAds(
              Map.of(ResourceType.CLUSTER, Set.of("*"), ResourceType.LISTENER, Set.of("*"))),
          new ResourceTree.Ports(
              TypeRegistry.of(List.of(HttpConnectionManager.getDefaultInstance())),
              (type, resource) -> List.of(),
              (source, type, names, timeout) -> clients.getFirst().subscribe(type, names, timeout),
              published::add),
          new ResourceTree.Schedule(runtime.executor(), runtime.nanoTime()));

  private void start(ApiType type) {
    ConfigErrors errors = new ConfigErrors();
    ApiConfigSource.Builder source =
        ApiConfigSource.newBuilder().setApiType(type).setTransportApiVersion(ApiVersion.V3);
    source
        .addGrpcServicesBuilder()
        .getGoogleGrpcBuilder()
        .setTargetUri("127.0.0.1:" + server.port());
    XdsClient client =
        XdsSource.aggregated(source.build(), "ads_config", ClusterChannels.NONE, errors)
            .orElseThrow(() -> new AssertionError(errors.list().toString()))
            .client(TestServer.NODE, tree.handler(ResourceTree.ADS), runtime);
    clients.add(client);
    runtime.executor().execute(tree::start);
    client.start();
  }

  @AfterEach
  void close() {
    clients.forEach(XdsClient::close);
    server.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = ApiType.class,
      names = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldNeverPublishARouteWithoutItsClusterWhenAllAreRenamedW8(ApiType type) {
    // Given
    cache.setSnapshot("all", snapshot(1));
    start(type);
    awaitServing(1);

    // When
    for (int version = 2; version <= 20; version++) {
      cache.setSnapshot("all", snapshot(version));
      awaitServing(version);
    }

    // Then
    for (ResourceSet each : published) {
      String serving = serving(each);
      assertThat(each.find(ResourceType.CLUSTER, serving)).isPresent();
      assertThat(each.find(ResourceType.ENDPOINT, serving)).isPresent();
    }
    await()
        .untilAsserted(() -> assertThat(published.getLast().get(ResourceType.CLUSTER)).hasSize(1));
    assertThat(published.getLast().get(ResourceType.ENDPOINT)).hasSize(1);
  }

  private void awaitServing(int version) {
    await()
        .untilAsserted(() -> {
          assertThat(published).isNotEmpty();
          assertThat(serving(published.getLast())).isEqualTo("c" + version);
        });
  }

  private static String serving(ResourceSet set) {
    return set.get(ResourceType.ROUTE)
        .getFirst()
        .message()
        .getVirtualHosts(0)
        .getRoutes(0)
        .getRoute()
        .getCluster();
  }

  private static Snapshot snapshot(int version) {
    String name = "c" + version;
    Cluster.Builder cluster = Cluster.newBuilder().setName(name).setType(Cluster.DiscoveryType.EDS);
    cluster.getEdsClusterConfigBuilder().setEdsConfig(ResourceTree.ADS);
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder();
    http.getRdsBuilder().setRouteConfigName("r").setConfigSource(ResourceTree.ADS);
    RouteConfiguration.Builder route = RouteConfiguration.newBuilder().setName("r");
    route.addVirtualHostsBuilder().addRoutesBuilder().getRouteBuilder().setCluster(name);
    return Snapshot.create(
        List.of(cluster.build()),
        List.of(ClusterLoadAssignment.newBuilder().setClusterName(name).build()),
        List.of(
            Listener.newBuilder()
                .setName("l")
                .addFilterChains(
                    FilterChain.newBuilder()
                        .addFilters(
                            Filter.newBuilder()
                                .setName("http")
                                .setTypedConfig(Any.pack(http.build()))))
                .build()),
        List.of(route.build()),
        List.of(),
        String.valueOf(version));
  }
}
