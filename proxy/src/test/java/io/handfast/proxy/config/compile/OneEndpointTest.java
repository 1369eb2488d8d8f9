package io.handfast.proxy.config.compile;

import static io.handfast.proxy.config.compile.ManyClusters.cluster;
import static io.handfast.proxy.config.compile.ManyClusters.endpoints;
import static io.handfast.proxy.config.compile.ManyClusters.routes;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import java.lang.management.ManagementFactory;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A change is compiled, and nothing else: counted, not timed. */
final class OneEndpointTest {

  private static final int CLUSTERS = 200;

  /** Some references, and far less than an entry of a map. */
  private static final int BYTES_OF_ANOTHER = 32;

  private final ConfigLoader loader = new ConfigLoader(TestExtensions.extensions());
  private final ResourceSet all = ManyClusters.of(CLUSTERS);
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
  void shouldMakeThatClusterOfItsBytesWhenItsMessageRests() {
    // Given
    ConfigSnapshot changed =
        compile(2, all.with(ResourceType.ENDPOINT, List.of(endpoints(7, 9)), Set.of()));
    compile(3, all);
    all.rest(Optional.empty());

    // When
    ConfigSnapshot after =
        compile(4, all.with(ResourceType.ENDPOINT, List.of(endpoints(7, 9)), Set.of()));

    // Then
    assertThat(after.cluster("c7")).isPresent().isEqualTo(changed.cluster("c7"));
    assertThat(madeAnew(after)).containsExactly("c7");
    assertThat(listenersMadeAnew(after)).isEmpty();
  }

  @Test
  void shouldMakeNoneAnewWhenARouteChanges() {
    // When
    ConfigSnapshot after =
        compile(2, all.with(ResourceType.ROUTE, List.of(routes(CLUSTERS, 3)), Set.of()));

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

  /** Lists of references are copied; to look at each of the others would take memory. */
  @Test
  void shouldTakeNoMoreThanReferencesForEachOfTheOthersWhenOneEndpointChanges() {
    // When
    long few = bytesOfAChange(CLUSTERS);
    long many = bytesOfAChange(10 * CLUSTERS);

    // Then
    assertThat(many - few).isLessThan(9 * CLUSTERS * BYTES_OF_ANOTHER);
  }

  /** What is allocated to take and compile a change of one endpoint among so many clusters. */
  private static long bytesOfAChange(int clusters) {
    ConfigLoader loader = new ConfigLoader(TestExtensions.extensions());
    ResourceSet resources = ManyClusters.of(clusters);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long begun = 0;
    // The first one makes indexes that the next ones share.
    for (int version = 1; version <= 3; version++) {
      begun = threads.getCurrentThreadAllocatedBytes();
      ResourceSet served = resources;
      resources = resources.with(ResourceType.ENDPOINT, List.of(endpoints(7, version)), Set.of());
      assertThat(loader.compiler().compile(version, resources).errors()).isEmpty();
      resources.rest(version == 1 ? Optional.empty() : Optional.of(served));
    }
    return threads.getCurrentThreadAllocatedBytes() - begun;
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
}
