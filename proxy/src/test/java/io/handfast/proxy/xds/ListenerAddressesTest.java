package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.stats.StatsFilter;
import io.handfast.proxy.stats.StatsText;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners of a control plane that want the same address. */
final class ListenerAddressesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @ParameterizedTest
  @ValueSource(strings = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldRefuseAnAddressThatAnotherListenerHas(String type) throws IOException {
    // Given
    int port = freePort();
    try (LiveServer control = new LiveServer()) {
      control.serve(snapshot("1", at("a", port)));
      try (LiveSidecar sidecar = LiveSidecar.on(control, type)) {
        await().atMost(PATIENCE).until(() -> sidecar.port("a").isPresent());

        // When
        control.serve(snapshot("2", at("a", port), at("b", port)));

        // Then
        await().atMost(PATIENCE).until(() -> !control.refusals().isEmpty());
        assertThat(control.refusals().getFirst())
            .isEqualTo(
                "listeners[b].address: 127.0.0.1:%1$d (expected: an address of its own; listeners[a] has 127.0.0.1:%1$d)"
                    .formatted(port));
        assertThat(sidecar.port("a")).contains(port);
        assertThat(sidecar.stat("listener_manager.lds.update_rejected").orElseThrow()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldLetAnAddressMoveToAnotherListenerInOneUpdate(String type) throws IOException {
    // Given
    int port = freePort();
    try (LiveServer control = new LiveServer()) {
      control.serve(snapshot("1", at("a", port)));
      try (LiveSidecar sidecar = LiveSidecar.on(control, type)) {
        await().atMost(PATIENCE).until(() -> sidecar.port("a").isPresent());

        // When
        control.serve(snapshot("2", at("b", port)));

        // Then
        await().atMost(PATIENCE).until(() -> sidecar.port("b").isPresent());
        assertThat(sidecar.port("a")).isEmpty();
        assertThat(control.refusals()).isEmpty();
      }
    }
  }

  /** As in Envoy: an address is free when nobody listens there any more, and not before. */
  @ParameterizedTest
  @ValueSource(strings = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldKeepBothWhereTheyAreWhenTwoListenersSwapTheirAddresses(String type)
      throws IOException {
    // Given
    int one = freePort();
    int other = freePort();
    try (LiveServer control = new LiveServer()) {
      control.serve(snapshot("1", at("a", one), at("b", other)));
      try (LiveSidecar sidecar = LiveSidecar.on(control, type)) {
        await()
            .atMost(PATIENCE)
            .until(() -> sidecar.port("a").isPresent() && sidecar.port("b").isPresent());

        // When
        control.serve(snapshot("2", at("a", other), at("b", one)));

        // Then
        await()
            .atMost(PATIENCE)
            .until(
                () -> sidecar.stat("listener_manager.listener_create_failure").orElseThrow() >= 2);
        assertThat(sidecar.port("a")).contains(one);
        assertThat(sidecar.port("b")).contains(other);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldLetAListenerTakeTheAddressThatAnotherLeavesForAThirdOne(String type)
      throws IOException {
    // Given
    int first = freePort();
    int second = freePort();
    int third = freePort();
    try (LiveServer control = new LiveServer()) {
      control.serve(snapshot("1", at("a", first), at("b", second)));
      try (LiveSidecar sidecar = LiveSidecar.on(control, type)) {
        await()
            .atMost(PATIENCE)
            .until(() -> sidecar.port("a").isPresent() && sidecar.port("b").isPresent());

        // When
        control.serve(snapshot("2", at("a", third), at("b", first)));

        // Then
        await().atMost(PATIENCE).until(() -> sidecar.port("a").equals(Optional.of(third)));
        await().atMost(PATIENCE).until(() -> sidecar.port("b").equals(Optional.of(first)));
        assertThat(control.refusals()).isEmpty();
      }
    }
  }

  @Test
  void shouldCountWhatDoesNotFitWithTheOthersOnce() {
    // Given
    Stats stats = new Stats();
    DiscoveryMeters meters = new DiscoveryMeters(stats, () -> 0);
    Map<ResourceName, List<ConfigError>> rejected =
        Map.of(
            new ResourceName(ResourceType.LISTENER, "b"),
            List.of(new ConfigError("listeners[b].address", "taken")));

    // When
    meters.rejected(rejected);
    meters.rejected(rejected);

    // Then
    assertThat(StatsText.text(stats, StatsFilter.ALL))
        .contains("listener_manager.lds.update_rejected: 1\n");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Listener at(String name, int port) {
    Listener.Builder listener = listener(name, "r").toBuilder();
    listener.getAddressBuilder().getSocketAddressBuilder().setPortValue(port);
    return listener.build();
  }

  private static Snapshot snapshot(String version, Listener... listeners) {
    return Snapshot.create(
        List.of(cluster("up")),
        List.of(endpoints("up", 9)),
        Arrays.asList(listeners),
        List.of(routes("r", "up")),
        List.of(),
        version);
  }
}
