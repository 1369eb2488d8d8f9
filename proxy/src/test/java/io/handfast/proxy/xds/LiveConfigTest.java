package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.http;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.PreconnectPolicy;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sidecar that is configured by a real control plane, with traffic. */
final class LiveConfigTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    control.close();
    one.close();
    two.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldServeWhatTheControlPlaneSaysOnceItIsWarm(String type) {
    // Given
    LiveSidecar sidecar = start(type);
    assertThat(sidecar.admin("/ready")).startsWith("503");
    assertThat(sidecar.admin("/ready?verbose")).contains("control plane");

    // When
    control.serve(snapshot("1", "r1", "a"));

    // Then
    await().atMost(PATIENCE).until(sidecar::isReady);
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 one");
    }
    assertThat(control.nodes()).containsExactly("sidecar-1");
    assertThat(control.refusals()).isEmpty();
    assertThat(sidecar.stat("control_plane.connected_state")).contains(1L);
    assertThat(sidecar.stat("cluster_manager.cds.update_success")).contains(1L);
    assertThat(sidecar.stat("listener_manager.lds.update_success")).contains(1L);
    assertThat(sidecar.stat("http.in.rds.r1.update_success")).contains(1L);
    assertThat(sidecar.stat("cluster.a.update_success")).contains(1L);
    assertThat(sidecar.stat("xds_client.control.connected")).contains(1L);
    assertThat(sidecar.stat("xds_client.control.clusters.ack").orElseThrow()).isPositive();
    assertThat(sidecar.stat("xds_client.control.clusters.resource_updates_valid")).contains(2L);
    assertThat(sidecar.stat("xds_client.control.clusters.update_time").orElseThrow()).isPositive();
    assertThat(sidecar.stat("cluster_manager.active_clusters")).contains(3L);
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldChangeTheTrafficOfConnectionsThatStayWhenOnlyARouteChangesW7(String type) {
    // Given
    control.serve(snapshot("1", "r1", "a"));
    LiveSidecar sidecar = started(type);
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 one");

      // When
      control.serve(snapshot("2", "r1", "b"));

      // Then
      await().atMost(PATIENCE).until(() -> client.get().equals("200 two"));
      assertThat(sidecar.stat("http.in.rds.r1.update_success")).contains(2L);
    }
  }

  @Test
  void shouldDrainWhatChangedWhenAListenerChangesW7() {
    // Given
    control.serve(snapshot("1", "r1", "a"));
    LiveSidecar sidecar = started(DELTA);
    int port = sidecar.port("l").orElseThrow();
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 one");

      // When
      Listener changed = listener("l", http("r1").toBuilder().setServerName("changed").build());
      control.serve(snapshot("2", changed, routes("r1", "b")));

      // Then
      assertThat(client.isClosedByPeer()).isTrue();
    }
    assertThat(sidecar.port("l")).contains(port);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          try (KeptConnection client = client(sidecar)) {
            assertThat(client.get()).isEqualTo("200 two");
          }
        });
  }

  @Test
  void shouldKeepTheConnectionsOfAClusterWhenAnotherOneChanges() {
    // Given
    control.serve(snapshot("1", "r1", "a"));
    LiveSidecar sidecar = started(DELTA);
    try (KeptConnection client = client(sidecar)) {
      client.get();

      // When: it gets a second endpoint, then loses it
      control.serve(
          Snapshot.create(
              clusters(),
              List.of(endpoints("a", one.port()), endpoints("b", two.port(), one.port())),
              List.of(listener("l", "r1")),
              List.of(routes("r1", "a")),
              List.of(),
              "2"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(sidecar.stat("cluster.b.membership_total")).contains(2L));

      // Then
      assertThat(client.get()).isEqualTo("200 one");
      assertThat(one.connections()).isEqualTo(1);
      assertThat(sidecar.stat("cluster.a.update_success")).contains(1L);
      assertThat(sidecar.stat("cluster_manager.cluster_modified")).contains(0L);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldRefuseABadResourceWithItsFieldAndServeTheOldOneA2A6(String type) {
    // Given
    control.serve(snapshot("1", "r1", "a"));
    LiveSidecar sidecar = started(type);
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 one");

      // When
      Cluster bad =
          cluster("a").toBuilder()
              .setPreconnectPolicy(PreconnectPolicy.getDefaultInstance())
              .build();
      RouteConfiguration.Builder worse = routes("r1", "b").toBuilder();
      worse
          .getVirtualHostsBuilder(0)
          .getRoutesBuilder(0)
          .getMatchBuilder()
          .getSafeRegexBuilder()
          .setRegex("(");
      control.serve(
          Snapshot.create(
              List.of(bad, cluster("b")),
              allEndpoints(),
              List.of(listener("l", "r1")),
              List.of(worse.build()),
              List.of(),
              "2"));

      // Then
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(control.refusals())
                  .anyMatch(text -> text.contains("clusters[a].preconnect_policy"))
                  .anyMatch(text ->
                      text.contains("routes[r1].virtual_hosts[0].routes[0].match.safe_regex")));
      assertThat(client.get()).isEqualTo("200 one");
      assertThat(sidecar.stat("cluster_manager.cds.update_rejected").orElseThrow()).isPositive();
      assertThat(sidecar.stat("http.in.rds.r1.update_rejected").orElseThrow()).isPositive();

      // And when it is mended
      control.serve(snapshot("3", "r1", "b"));
      await().atMost(PATIENCE).until(() -> client.get().equals("200 two"));
    }
  }

  @Test
  void shouldServeOnWhenTheControlPlaneIsGoneAndFollowItWhenItIsBackC2D3() {
    // Given
    control.serve(snapshot("1", "r1", "a"));
    LiveSidecar sidecar = started(DELTA);
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 one");

      // When
      control.stop();

      // Then
      await()
          .atMost(PATIENCE)
          .until(() -> sidecar.stat("control_plane.connected_state").equals(Optional.of(0L)));
      assertThat(client.get()).isEqualTo("200 one");
      assertThat(sidecar.isReady()).isTrue();
      control.serve(snapshot("2", "r1", "b"));
      control.restart();
      await().atMost(PATIENCE).until(() -> client.get().equals("200 two"));
    }
  }

  @Test
  void shouldAnswer503ForAClusterThatIsNotThereW3() {
    // Given
    control.serve(
        Snapshot.create(
            clusters(),
            allEndpoints(),
            List.of(listener("l", "r1"), listener("m", "r2")),
            List.of(routes("r1", "a"), routes("r2", "nowhere")),
            List.of(),
            "1"));

    // When
    LiveSidecar sidecar = started(DELTA);
    await().atMost(PATIENCE).until(() -> sidecar.port("m").isPresent());

    // Then
    try (KeptConnection client = new KeptConnection(sidecar.port("m").orElseThrow())) {
      assertThat(client.get()).startsWith("503");
    }
    assertThat(control.refusals()).isEmpty();
  }

  private LiveSidecar start(String type) {
    LiveSidecar sidecar = LiveSidecar.on(control, type);
    running = Optional.of(sidecar);
    return sidecar;
  }

  private LiveSidecar started(String type) {
    LiveSidecar sidecar = start(type);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar;
  }

  private static KeptConnection client(LiveSidecar sidecar) {
    await().atMost(PATIENCE).until(() -> sidecar.port("l").isPresent());
    return new KeptConnection(sidecar.port("l").orElseThrow());
  }

  private Snapshot snapshot(String version, String routes, String cluster) {
    return snapshot(version, listener("l", routes), routes(routes, cluster));
  }

  private Snapshot snapshot(String version, Listener listener, RouteConfiguration routes) {
    return Snapshot.create(
        clusters(), allEndpoints(), List.of(listener), List.of(routes), List.of(), version);
  }

  private static List<Cluster> clusters() {
    return List.of(cluster("a"), cluster("b"));
  }

  private List<ClusterLoadAssignment> allEndpoints() {
    return List.of(endpoints("a", one.port()), endpoints("b", two.port()));
  }
}
