package io.handfast.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClusterManagerTest {
  private final ManualDispatcher main = new ManualDispatcher();
  private final ClusterManager clusters =
      new ClusterManager(
          new Stats(),
          (name, family, callback) -> callback.onFailure("no names here"),
          main,
          (loop, cluster, host, listener) -> listener.onFailed(false, "no connections here"));
  private long version;

  @Test
  void shouldKeepTheClusterWhenOnlyItsPlaceInTheSnapshotChanges() throws Exception {
    // Given
    publish(config("a", 0, 1));
    Cluster before = running("a");

    // When
    ClusterConfig moved = config("a", 1, 1);
    publish(config("b", 0, 2), moved);

    // Then
    assertThat(running("a")).isSameAs(before);
    assertThat(clusters.find(moved)).isSameAs(before);
  }

  @Test
  void shouldReplaceTheClusterWhenItsConfigurationChanges() throws Exception {
    // Given
    ClusterConfig old = config("a", 0, 1);
    publish(old, config("b", 1, 2));
    Cluster before = running("a");
    Cluster unchanged = running("b");

    // When
    publish(config("a", 0, 9), config("b", 1, 2));

    // Then: by the new endpoints, also for a stream of the snapshot before
    Cluster after = running("a");
    assertThat(after).isNotSameAs(before);
    assertThat(after.hosts().hosts())
        .extracting(host -> host.address().getPort())
        .containsExactly(9);
    assertThat(clusters.find(old)).isSameAs(after);
    assertThat(running("b")).isSameAs(unchanged);
  }

  @Test
  void shouldNotFindAClusterThatIsGone() throws Exception {
    // Given
    ClusterConfig gone = config("a", 0, 1);
    publish(gone);

    // When
    publish(config("b", 0, 2));

    // Then
    assertThat(clusters.find(gone)).isNull();
  }

  private Cluster running(String name) {
    return clusters.find(name).orElseThrow();
  }

  private static ClusterConfig config(String name, int index, int port) throws Exception {
    return ClusterConfig.of(
        name, index, DiscoveryType.STATIC, List.of(Endpoint.of("127.0.0.1", port)));
  }

  private void publish(ClusterConfig... configs) {
    ConfigSnapshot snapshot =
        new ConfigSnapshot(++version, AdminConfig.DEFAULTS, List.of(), List.of(configs), List.of());
    clusters.commit(clusters.prepare(snapshot, () -> {}));
  }
}
