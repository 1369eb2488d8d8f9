package io.handfast.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ConfigSnapshot.Clusters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigSnapshotTest {

  @Test
  void shouldRefuseANameThatIsThereTwice() {
    assertThatThrownBy(() -> Clusters.of(List.of(cluster("a", 0), cluster("a", 1))))
        .hasMessage("clusters: a twice (expected: unique names)");
  }

  @Test
  void shouldRefuseAClusterThatIsNotAtItsPlace() {
    assertThatThrownBy(() -> Clusters.of(List.of(cluster("a", 1))))
        .hasMessage("clusters[0].index: 1 (expected: its position 0)");
  }

  @Test
  void shouldShareAllButTheOneThatIsAnother() {
    // Given
    Clusters before = Clusters.of(List.of(cluster("a", 0), cluster("b", 1)));

    // When
    ClusterConfig other = cluster("b", 1);
    Clusters after = before.with(Map.of(1, other));

    // Then
    assertThat(after.get(0)).isSameAs(before.get(0));
    assertThat(after.get(1)).isSameAs(other);
    assertThat(before.get(1)).isNotSameAs(other);
    assertThat(after.secured()).isSameAs(before.secured());
  }

  @Test
  void shouldRefuseAnotherNameInThePlaceOfOne() {
    // Given
    Clusters before = Clusters.of(List.of(cluster("a", 0), cluster("b", 1)));

    // When / Then
    assertThatThrownBy(() -> before.with(Map.of(1, cluster("a", 1))))
        .hasMessage("clusters: a (expected: b)");
    assertThatThrownBy(() -> before.with(Map.of(1, cluster("b", 2))))
        .hasMessage("clusters[1].index: 2 (expected: its position 1)");
  }

  private static ClusterConfig cluster(String name, int index) {
    return ClusterConfig.of(name, index, DiscoveryType.STATIC, List.of());
  }
}
