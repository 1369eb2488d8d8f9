package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real control plane says of endpoints, seen by where requests go. */
final class LiveEndpointsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String ONE = "200 one";
  private static final String TWO = "200 two";

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();
  private Cluster cluster = cluster("a");
  private int version = 1;

  @AfterEach
  void close() {
    one.release();
    running.ifPresent(LiveSidecar::close);
    control.close();
    one.close();
    two.close();
  }

  @Test
  void shouldSendRequestsWhereWeightsAndHealthSay() {
    // Given
    serve(group(0, weighing(one, 1), weighing(two, 3)));
    try (KeptConnection client = started()) {

      // When, Then
      goes(client, 400, Map.of(ONE, 100, TWO, 300));
      serve(group(0, healthy(one, HealthStatus.UNHEALTHY), weighing(two, 3)));
      goes(client, 100, Map.of(TWO, 100));
      serve(group(0, healthy(one, HealthStatus.DEGRADED), healthy(two, HealthStatus.HEALTHY)));
      goes(client, 400, Map.of(ONE, 120, TWO, 280));
    }
  }

  @Test
  void shouldSpillOverToTheNextPriorityAsThePolicyOfTheEndpointsSays() {
    // Given: half of the first priority is healthy, which counts 1.4 times
    LbEndpoint sick = healthy(two, HealthStatus.UNHEALTHY);
    LocalityLbEndpoints first = group(0, weighing(one, 9), sick);
    LocalityLbEndpoints second = group(1, endpoint(elsewhere()));
    serve(first, second);
    try (KeptConnection client = started()) {
      goes(client, 400, Map.of(ONE, 280, "503", 120));

      // When, Then: by an overprovisioning factor of 200 % it takes all
      ClusterLoadAssignment.Builder more = assignment(first, second);
      more.getPolicyBuilder().setOverprovisioningFactor(UInt32Value.of(200));
      serve(more);
      goes(client, 100, Map.of(ONE, 100));

      // And by weight nine tenths of it are healthy
      ClusterLoadAssignment.Builder weighed = assignment(first, second);
      weighed.getPolicyBuilder().setWeightedPriorityHealth(true);
      serve(weighed);
      goes(client, 100, Map.of(ONE, 100));
      assertThat(running.orElseThrow().stat("cluster_manager.cluster_modified")).contains(0L);
    }
  }

  @Test
  void shouldChooseALocalityByItsWeight() {
    // Given
    Cluster.Builder weighed = cluster("a").toBuilder();
    weighed.getCommonLbConfigBuilder().getLocalityWeightedLbConfigBuilder();
    cluster = weighed.build();
    serve(at("near", 3, one), at("far", 1, two));
    try (KeptConnection client = started()) {
      goes(client, 400, Map.of(ONE, 300, TWO, 100));

      // When
      serve(at("near", 1, one), at("far", 3, two));

      // Then
      goes(client, 400, Map.of(ONE, 100, TWO, 300));
    }
  }

  @Test
  void shouldRefuseTheShareOfRequestsThatIsToBeDropped() {
    // Given
    serve(group(0, endpoint(one.port())));
    try (KeptConnection client = started()) {
      goes(client, 10, Map.of(ONE, 10));

      // When, Then
      serve(dropping(100));
      goes(client, 100, Map.of("503 unconditional drop overload", 100));
      assertThat(client.header("x-envoy-unconditional-drop-overload")).isEqualTo("true");
      long dropped = dropped();
      assertThat(dropped).isGreaterThanOrEqualTo(100);
      serve(dropping(25));
      goes(client, 400, Map.of("503 drop overload", 100, ONE, 300));
      assertThat(dropped()).isGreaterThan(dropped);
      serve(dropping(0));
      goes(client, 100, Map.of(ONE, 100));
      assertThat(one.connections()).isEqualTo(1);
      assertThat(running.orElseThrow().stat("cluster_manager.cluster_modified")).contains(0L);
    }
  }

  @Test
  void shouldAnswerWhatIsOnItsWayToAnEndpointThatGoes() throws Exception {
    // Given
    serve(group(0, endpoint(one.port())));
    try (KeptConnection client = started();
        KeptConnection other = client()) {
      one.hold();
      CompletableFuture<String> held = CompletableFuture.supplyAsync(client::get);
      await().atMost(PATIENCE).until(() -> one.held() == 1);

      // When
      serve(group(0, endpoint(two.port())));
      await()
          .atMost(PATIENCE)
          .until(() ->
              running.orElseThrow().stat("cluster.a.membership_change").equals(Optional.of(2L)));

      // Then
      assertThat(other.get()).isEqualTo(TWO);
      one.release();
      assertThat(held.get()).isEqualTo(ONE);
      assertThat(client.get()).isEqualTo(TWO);
    }
  }

  private long dropped() {
    return running.orElseThrow().stat("cluster.a.upstream_rq_drop_overload").orElseThrow();
  }

  /**
   * So many requests go so, once it is in effect; within a quarter of a share where it is drawn.
   */
  private static void goes(KeptConnection client, int requests, Map<String, Integer> expected) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          Map<String, Integer> answers = new TreeMap<>();
          for (int i = 0; i < requests; i++) {
            String answer = client.get();
            answers.merge(
                expected.containsKey("503") && answer.startsWith("503") ? "503" : answer,
                1,
                Integer::sum);
          }
          assertThat(answers.keySet()).isEqualTo(new TreeMap<>(expected).keySet());
          expected.forEach((answer, times) ->
              assertThat(answers.getOrDefault(answer, 0))
                  .as("%s in %s", answer, answers)
                  .isBetween(
                      times == requests ? times : times * 3 / 5,
                      times == requests ? times : times * 7 / 5));
        });
  }

  private KeptConnection started() {
    LiveSidecar sidecar = LiveSidecar.on(control, "AGGREGATED_DELTA_GRPC");
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return client();
  }

  private KeptConnection client() {
    return new KeptConnection(running.orElseThrow().port("l").orElseThrow());
  }

  private ClusterLoadAssignment.Builder dropping(int percent) {
    ClusterLoadAssignment.Builder assignment = assignment(group(0, endpoint(one.port())));
    assignment
        .getPolicyBuilder()
        .addDropOverloadsBuilder()
        .setCategory("x")
        .getDropPercentageBuilder()
        .setNumerator(percent);
    return assignment;
  }

  private static LocalityLbEndpoints group(int priority, LbEndpoint... endpoints) {
    return LocalityLbEndpoints.newBuilder()
        .setPriority(priority)
        .addAllLbEndpoints(List.of(endpoints))
        .build();
  }

  private static LocalityLbEndpoints at(String zone, int weight, NamedService service) {
    return group(0, endpoint(service.port())).toBuilder()
        .setLocality(Locality.newBuilder().setZone(zone))
        .setLoadBalancingWeight(UInt32Value.of(weight))
        .build();
  }

  private static LbEndpoint weighing(NamedService service, int weight) {
    return endpoint(service.port()).toBuilder()
        .setLoadBalancingWeight(UInt32Value.of(weight))
        .build();
  }

  private static LbEndpoint healthy(NamedService service, HealthStatus health) {
    return endpoint(service.port()).toBuilder().setHealthStatus(health).build();
  }

  private static LbEndpoint endpoint(int port) {
    return endpoints("a", port).getEndpoints(0).getLbEndpoints(0);
  }

  /** Where nobody listens. */
  private static int elsewhere() {
    return 1;
  }

  private static ClusterLoadAssignment.Builder assignment(LocalityLbEndpoints... groups) {
    return ClusterLoadAssignment.newBuilder().setClusterName("a").addAllEndpoints(List.of(groups));
  }

  private void serve(LocalityLbEndpoints... groups) {
    serve(assignment(groups));
  }

  private void serve(ClusterLoadAssignment.Builder assignment) {
    control.serve(
        Snapshot.create(
            List.of(cluster),
            List.of(assignment.build()),
            List.of(listener("l", "r")),
            List.of(routes("r", "a")),
            List.of(),
            "v" + version++));
  }
}
