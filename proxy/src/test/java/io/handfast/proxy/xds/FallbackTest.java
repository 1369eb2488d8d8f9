package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two real control planes that do not tell the same. */
final class FallbackTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final LiveServer primary = new LiveServer();
  private final LiveServer fallback = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    primary.close();
    fallback.close();
    one.close();
    two.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldTakeTheTruthOfThePrimaryOnceItAnswersAndLoseNoRequestF1(String type) {
    // Given: the primary is down, and the fallback tells of two
    primary.serve(snapshot("p1", "a", one));
    primary.stop();
    fallback.serve(snapshot("f1", "b", two));
    LiveSidecar sidecar = LiveSidecar.of(bootstrap(type));
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    try (Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      assertThat(traffic.answer()).isEqualTo("200 two");

      // When
      primary.restart();

      // Then: what only the fallback told of is forgotten
      traffic.awaitAnswer("200 one");
      await().atMost(PATIENCE).until(() -> !sidecar.admin("/clusters").contains("b::"));
      fallback.serve(snapshot("f2", "b", two));
      traffic.assertUnharmed();
      assertThat(traffic.answer()).isEqualTo("200 one");

      // And when the primary is gone, what it told serves on
      primary.stop();
      await()
          .atMost(PATIENCE)
          .until(() -> sidecar.stat("control_plane.connected_state").equals(Optional.of(0L)));
      traffic.assertUnharmed();
      assertThat(traffic.answer()).isEqualTo("200 one");
      assertThat(fallback.nodes()).hasSize(1);
    }
  }

  private String bootstrap(String type) {
    String services = "grpc_services: [{ envoy_grpc: { cluster_name: control } }]";
    String second =
        "{ google_grpc: { target_uri: \"127.0.0.1:%d\", stat_prefix: second } }"
            .formatted(fallback.port());
    return LiveSidecar.bootstrap(primary, type)
        .replace(services, services.replace("]", ", " + second + "]"));
  }

  private static Snapshot snapshot(String version, String cluster, NamedService service) {
    return Snapshot.create(
        List.of(cluster(cluster)),
        List.of(endpoints(cluster, service.port())),
        List.of(listener("l", "r")),
        List.of(routes("r", cluster)),
        List.of(),
        version);
  }
}
