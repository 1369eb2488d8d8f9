package io.handfast.xds.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CacheFileTest {

  static final CacheOwner OWNER = new CacheOwner("n", "c", "s");

  @Test
  void shouldReadWhatControlPlanesSentAndNothingOfTheBootstrapC5() throws CacheException {
    // Given
    ResourceSet resources =
        some("a", "7")
            .with(
                ResourceType.ENDPOINT,
                List.of(
                    new Offered<>(
                        ClusterLoadAssignment.newBuilder().setClusterName("a").build(),
                        "endpoints[a]",
                        "8")),
                Set.of());

    // When
    SavedConfig read = CacheFile.decode(bytes(resources));

    // Then
    assertThat(read.owner()).isEqualTo(OWNER);
    assertThat(read.epochMillis()).isEqualTo(1_000);
    assertThat(read.resources().get(ResourceType.CLUSTER))
        .containsExactly(
            new Offered<>(Cluster.newBuilder().setName("a").build(), "clusters[a]", "7"));
    assertThat(read.resources().get(ResourceType.ENDPOINT))
        .isEqualTo(resources.get(ResourceType.ENDPOINT));
    assertThat(read.summary()).isEqualTo("clusters: 1 of version '7', endpoints: 1 of version '8'");
  }

  @Test
  void shouldRefuseItWhereverItIsCutOffC5() throws CacheException {
    // Given
    byte[] whole = bytes(some("a", "7"));

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);

      // When, Then
      assertThatThrownBy(() -> CacheFile.decode(cut))
          .as("%d bytes", length)
          .isInstanceOf(CacheException.class)
          .hasMessageStartingWith("torn: ");
    }
    assertThatThrownBy(() -> CacheFile.decode(Arrays.copyOf(whole, whole.length + 1)))
        .hasMessageContaining("bytes of content (expected: ");
  }

  @Test
  void shouldRefuseItWhicheverBitIsAnotherC5() throws CacheException {
    // Given
    byte[] whole = bytes(some("a", "7"));

    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));

      // When, Then
      assertThatThrownBy(() -> CacheFile.decode(flipped))
          .as("bit %d", bit)
          .isInstanceOf(CacheException.class)
          .hasMessageMatching("(torn|damaged|written in format|not a saved configuration).*");
    }
  }

  @Test
  void shouldSayWhichFormatItKnowsWhenAnotherVersionWroteItC5() throws CacheException {
    // Given
    byte[] foreign = bytes(some("a", "7"));
    foreign[11] = 2;

    // When, Then
    assertThatThrownBy(() -> CacheFile.decode(foreign))
        .hasMessage("written in format 2 (expected: 1)");
  }

  @Test
  void shouldKnowItsOwnerByNodeAndSources() {
    // Given
    Bootstrap.Builder process = Bootstrap.newBuilder();
    process.getNodeBuilder().setId("n").setCluster("c");
    CacheOwner owner = CacheOwner.of(process.build());

    // When
    process.getDynamicResourcesBuilder().getCdsConfigBuilder().getAdsBuilder();
    CacheOwner other = CacheOwner.of(process.build());

    // Then
    assertThat(owner.problem(CacheOwner.of(process.clearDynamicResources().build()))).isEmpty();
    assertThat(owner.problem(other))
        .contains("written with other dynamic_resources than the bootstrap has now");
    assertThat(owner.problem(OWNER)).isPresent();
    assertThat(OWNER.problem(new CacheOwner("m", "c", "s")))
        .contains("written for node.id 'm' (expected: 'n')");
    assertThat(OWNER.problem(new CacheOwner("n", "d", "s")))
        .contains("written for node.cluster 'd' (expected: 'c')");
  }

  static ResourceSet some(String cluster, String version) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap.getStaticResourcesBuilder().addClusters(Cluster.newBuilder().setName("static"));
    return ResourceSet.of(bootstrap.build())
        .with(
            ResourceType.CLUSTER,
            List.of(
                new Offered<>(
                    Cluster.newBuilder().setName(cluster).build(),
                    "clusters[" + cluster + "]",
                    version)),
            Set.of());
  }

  private static byte[] bytes(ResourceSet resources) throws CacheException {
    return CacheFile.encode(new SavedConfig(OWNER, 1_000, resources)).array();
  }
}
