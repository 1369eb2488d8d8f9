package io.handfast.proxy.config.compile;

import static io.handfast.proxy.config.compile.ManyClusters.cluster;
import static io.handfast.proxy.config.compile.ManyClusters.endpoints;
import static io.handfast.proxy.config.compile.ManyClusters.routes;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of changes is what would be made of the whole. */
final class IncrementalCompileTest {

  private static final int CHANGES = 60;
  private static final int CLUSTERS = 12;

  private final ConfigLoader loader = new ConfigLoader(TestExtensions.extensions());
  private ResourceSet resources = ManyClusters.of(CLUSTERS);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldMakeOfChangesWhatItMakesOfTheWhole(long seed) {
    Random random = new Random(seed);
    for (int version = 1; version <= CHANGES; version++) {
      // When
      ResourceSet next = resources;
      for (int i = random.nextInt(3); i >= 0; i--) {
        next = change(next, random, version);
      }
      Compiled<ConfigSnapshot> changed = loader.compiler().compile(version, next);

      // Then
      Compiled<ConfigSnapshot> whole =
          new ConfigLoader(TestExtensions.extensions()).compiler().compile(version, next);
      assertThat(changed.snapshot()).isEqualTo(whole.snapshot());
      assertThat(changed.errors()).isEqualTo(whole.errors());
      assertThat(changed.observed()).isEqualTo(whole.observed());
      if (changed.errors().isEmpty()) {
        resources = next;
      }
    }
  }

  private static ResourceSet change(ResourceSet all, Random random, int version) {
    int nth = random.nextInt(CLUSTERS + 2);
    return switch (random.nextInt(8)) {
      case 0 -> all.with(ResourceType.CLUSTER, List.of(cluster(nth, version)), Set.of());
      case 1 -> all.with(ResourceType.CLUSTER, List.of(), Set.of("c" + nth));
      case 2 -> all.with(ResourceType.ENDPOINT, List.of(), Set.of("c" + nth));
      case 3 -> all.with(ResourceType.ROUTE, List.of(routes(CLUSTERS, version)), Set.of());
      case 4 -> all.with(ResourceType.ENDPOINT, List.of(refused(nth)), Set.of());
      case 5 -> all.with(ResourceType.ENDPOINT, List.of(observed(nth, version)), Set.of());
      default -> all.with(ResourceType.ENDPOINT, List.of(endpoints(nth, version)), Set.of());
    };
  }

  /** Two localities that are the same one. */
  private static Offered<ClusterLoadAssignment> refused(int nth) {
    Offered<ClusterLoadAssignment> good = endpoints(nth, 1);
    ClusterLoadAssignment.Builder bad = good.message().toBuilder();
    bad.addEndpoints(good.message().getEndpoints(0));
    bad.getEndpointsBuilderList()
        .forEach(each -> each.setLocality(Locality.newBuilder().setZone("here")));
    return new Offered<>(bad.build(), good.path());
  }

  /** With a field that is set and has no effect. */
  private static Offered<ClusterLoadAssignment> observed(int nth, int version) {
    Offered<ClusterLoadAssignment> plain = endpoints(nth, version);
    ClusterLoadAssignment.Builder named = plain.message().toBuilder();
    named.getEndpointsBuilder(0).setMetadata(Metadata.getDefaultInstance());
    return new Offered<>(named.build(), plain.path());
  }
}
