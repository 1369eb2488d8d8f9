package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.PreconnectPolicy;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traffic while the way to a real control plane breaks, or what comes by it is bad in part. */
final class FaultyNetworkTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** So many clusters that a push of them is a response of about 100 kB. */
  private static final int MANY = 1000;

  private final LiveServer control = new LiveServer();
  private final Relay relay = new Relay(control.port());
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    relay.close();
    control.close();
    one.close();
    two.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldServeOnAndTakeThePushWholeWhenTheServerIsCutOffInTheMiddleOfItC2(String type) {
    // Given
    LiveSidecar sidecar = started(type);
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When: half of the response is on the wire, then there is nobody
      long before = relay.toClients();
      relay.resetAfter(50_000);
      control.serve(snapshot("2", "b", many(MANY)));

      // Then
      await().atMost(PATIENCE).until(() -> relay.connections() == 2);
      traffic.awaitAnswer("200 two");
      await().atMost(PATIENCE).until(() -> activeClusters(sidecar) == MANY + 3);
      assertThat(relay.toClients()).isGreaterThan(before + 100_000);
      traffic.assertUnharmed();
      assertThat(control.refusals()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldServeOnAndComeAgainWhenTheConnectionIsResetC2(String type) {
    // Given
    LiveSidecar sidecar = started(type);
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      relay.reset();
      control.serve(snapshot("2", "b", List.of()));

      // Then
      traffic.awaitAnswer("200 two");
      traffic.assertUnharmed();
      assertThat(relay.connections()).isEqualTo(2);
    }
  }

  @Test
  void shouldServeOnAndComeAgainWhenWhatComesIsNoHttp2C2() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When: a frame of no type, larger than any may be
      relay.inject("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

      // Then
      await().atMost(PATIENCE).until(() -> relay.connections() == 2);
      control.serve(snapshot("2", "b", List.of()));
      traffic.awaitAnswer("200 two");
      traffic.assertUnharmed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldFollowAVersionThatGoesBackwardsA1(String type) {
    // Given
    LiveSidecar sidecar = started(type);
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      control.serve(snapshot("9", "b", List.of()));
      traffic.awaitAnswer("200 two");

      // When
      control.serve(snapshot("1", "a", List.of()));

      // Then
      traffic.awaitAnswer("200 one");
      traffic.assertUnharmed();
      assertThat(control.refusals()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldTakeAllButTheOneOfAThousandThatIsBadA6(String type) {
    // Given
    LiveSidecar sidecar = started(type);
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      List<Cluster> clusters = many(MANY);
      Cluster spoiled =
          clusters.get(500).toBuilder()
              .setPreconnectPolicy(PreconnectPolicy.getDefaultInstance())
              .build();
      clusters.set(500, spoiled);
      control.serve(snapshot("2", "b", clusters));

      // Then
      await().atMost(PATIENCE).until(() -> activeClusters(sidecar) == MANY - 1 + 3);
      traffic.awaitAnswer("200 two");
      assertThat(control.refusals())
          .isNotEmpty()
          .allSatisfy(detail ->
              assertThat(detail)
                  .startsWith("clusters[many-500].preconnect_policy")
                  .hasSizeLessThan(300));

      // And when it is mended
      control.serve(snapshot("3", "a", many(MANY)));
      await().atMost(PATIENCE).until(() -> activeClusters(sidecar) == MANY + 3);
      traffic.awaitAnswer("200 one");
      traffic.assertUnharmed();
    }
  }

  @Test
  void shouldRefuseATimeThatNoClockCountsA6() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      Cluster.Builder waiting = cluster("waiting").toBuilder();
      waiting
          .getEdsClusterConfigBuilder()
          .getEdsConfigBuilder()
          .getInitialFetchTimeoutBuilder()
          .setSeconds(10_000_000_000L);
      control.serve(snapshot("2", "b", List.of(waiting.build())));

      // Then
      traffic.awaitAnswer("200 two");
      assertThat(control.refusals())
          .isNotEmpty()
          .allMatch(detail ->
              detail.startsWith(
                  "clusters[waiting].eds_cluster_config.eds_config.initial_fetch_timeout"));

      // And when it is mended
      control.serve(snapshot("3", "a", List.of(cluster("c"))));
      traffic.awaitAnswer("200 one");
      traffic.assertUnharmed();
    }
  }

  @Test
  void shouldFollowTheServerWhenAFileThatAClusterNamesCannotBeC2() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      Cluster.Builder nowhere = cluster("nowhere").toBuilder();
      nowhere
          .getEdsClusterConfigBuilder()
          .getEdsConfigBuilder()
          .getPathConfigSourceBuilder()
          .setPath("no\0file");
      control.serve(snapshot("2", "b", List.of(nowhere.build())));

      // Then
      traffic.awaitAnswer("200 two");
      control.serve(snapshot("3", "a", List.of()));
      traffic.awaitAnswer("200 one");
      traffic.assertUnharmed();
    }
  }

  private static long activeClusters(LiveSidecar sidecar) {
    return sidecar.stat("cluster_manager.active_clusters").orElse(0L);
  }

  private static List<Cluster> many(int count) {
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clusters.add(
          cluster("many-" + i).toBuilder()
              .setType(Cluster.DiscoveryType.STATIC)
              .clearEdsClusterConfig()
              .build());
    }
    return clusters;
  }

  private LiveSidecar started(String type) {
    control.serve(snapshot("1", "a", List.of()));
    LiveSidecar sidecar = LiveSidecar.on(relay.port(), type);
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar;
  }

  /** Two clusters, of which one is served, and more. */
  private Snapshot snapshot(String version, String serving, List<Cluster> more) {
    List<Cluster> clusters = new ArrayList<>(List.of(cluster("a"), cluster("b")));
    clusters.addAll(more);
    List<ClusterLoadAssignment> all =
        List.of(endpoints("a", one.port()), endpoints("b", two.port()));
    return Snapshot.create(
        clusters,
        all,
        List.of(listener("l", "r")),
        List.of(routes("r", serving)),
        List.of(),
        version);
  }
}
