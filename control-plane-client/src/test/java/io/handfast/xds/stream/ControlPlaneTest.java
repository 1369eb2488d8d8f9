package io.handfast.xds.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against Envoy's own control plane for Java, in its four ways of speaking. */
final class ControlPlaneTest {

  private static final Duration FETCH = Duration.ofSeconds(15);

  private final SimpleCache<String> cache = new SimpleCache<>(node -> "all");
  private final V3DiscoveryServer discovery = new V3DiscoveryServer(cache);
  private final TestServer server =
      new TestServer(
          Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()),
          List.of(
              discovery.getAggregatedDiscoveryServiceImpl(),
              discovery.getClusterDiscoveryServiceImpl()));
  private final RecordingHandler handler = new RecordingHandler();
  private XdsClient client = client(ApiType.AGGREGATED_DELTA_GRPC);

  private XdsClient client(ApiType type) {
    ConfigErrors errors = new ConfigErrors();
    ApiConfigSource.Builder source =
        ApiConfigSource.newBuilder().setApiType(type).setTransportApiVersion(ApiVersion.V3);
    source
        .addGrpcServicesBuilder()
        .setTimeout(Durations.fromSeconds(1))
        .getGoogleGrpcBuilder()
        .setTargetUri("127.0.0.1:" + server.port());
    boolean aggregated = type.name().startsWith("AGGREGATED");
    XdsSource compiled =
        (aggregated
                ? XdsSource.aggregated(source.build(), "ads_config", ClusterChannels.NONE, errors)
                : XdsSource.ofType(
                    source.build(),
                    ResourceType.CLUSTER,
                    "cds_config.api_config_source",
                    ClusterChannels.NONE,
                    errors))
            .orElseThrow(() -> new AssertionError(errors.list().toString()));
    return compiled.client(TestServer.NODE, handler, server.runtime());
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = ApiType.class,
      names = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldFollowTheSnapshotsOfARealServer(ApiType type) {
    // Given
    client = client(type);
    cache.setSnapshot("all", snapshot("1", "a", "b"));
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.subscribe(ResourceType.LISTENER, Set.of("*"), FETCH);
    client.subscribe(ResourceType.ENDPOINT, Set.of("a", "b"), FETCH);
    client.start();
    awaitNames("clusters[a]", "clusters[b]", "endpoints[a]", "endpoints[b]", "listeners[l]");

    // When, Then
    cache.setSnapshot("all", snapshot("2", "b", "c"));
    client.subscribe(ResourceType.ENDPOINT, Set.of("b", "c"), FETCH);
    await()
        .untilAsserted(() ->
            assertThat(handler.versions.keySet())
                .contains("clusters[b]", "clusters[c]", "endpoints[b]", "endpoints[c]")
                .doesNotContain("clusters[a]"));
    assertThat(handler.failed).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = ApiType.class,
      names = {"DELTA_GRPC", "GRPC"})
  void shouldSpeakTheServiceOfOneType(ApiType type) {
    // Given
    client = client(type);
    cache.setSnapshot("all", snapshot("1", "a"));

    // When
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.start();

    // Then
    awaitNames("clusters[a]");
    cache.setSnapshot("all", snapshot("2", "a", "b"));
    awaitNames("clusters[a]", "clusters[b]");
  }

  @ParameterizedTest
  @EnumSource(
      value = ApiType.class,
      names = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldTakeTheMendedOneAfterANackA2A6(ApiType type) {
    // Given
    client = client(type);
    handler.check =
        received ->
            received.message() instanceof Cluster cluster
                    && cluster.hasPerConnectionBufferLimitBytes()
                ? List.of(ResourceFault.of(received.name(), "clusters[bad]", "no (expected: yes)"))
                : List.of();
    cache.setSnapshot(
        "all", snapshot("1", List.of(cluster("good"), spoiled("bad")), "good", "bad"));
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.start();
    awaitNames("clusters[good]");

    // When
    cache.setSnapshot("all", snapshot("2", "good", "bad"));

    // Then
    awaitNames("clusters[good]", "clusters[bad]");
  }

  private void awaitNames(String... names) {
    await()
        .untilAsserted(
            () -> assertThat(handler.versions.keySet()).containsExactlyInAnyOrder(names));
  }

  private static Snapshot snapshot(String version, String... clusters) {
    return snapshot(version, Stream.of(clusters).map(ControlPlaneTest::cluster).toList(), clusters);
  }

  private static Snapshot snapshot(String version, List<Cluster> clusters, String... endpoints) {
    return Snapshot.create(
        clusters,
        Stream.of(endpoints)
            .map(name -> ClusterLoadAssignment.newBuilder().setClusterName(name).build())
            .toList(),
        List.of(Listener.newBuilder().setName("l").build()),
        List.of(),
        List.of(),
        version);
  }

  private static Cluster cluster(String name) {
    return Cluster.newBuilder().setName(name).setType(Cluster.DiscoveryType.EDS).build();
  }

  private static Cluster spoiled(String name) {
    return cluster(name).toBuilder().setPerConnectionBufferLimitBytes(UInt32Value.of(1)).build();
  }
}
