package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import org.junit.jupiter.api.Test;

final class ContentTest {

  private static final Cluster CLUSTER =
      Cluster.newBuilder().setName("c").setAltStatName("x").build();

  @Test
  void shouldGiveTheVeryMessageAsLongAsItDoesNotRest() {
    assertThat(new Content<>(CLUSTER).message()).isSameAs(CLUSTER);
  }

  @Test
  void shouldGiveAnEqualMessageWhenItRests() {
    // Given
    Content<Cluster> content = new Content<>(CLUSTER);

    // When
    content.rest(ResourceType.CLUSTER);

    // Then
    assertThat(content.message()).isEqualTo(CLUSTER).isNotSameAs(CLUSTER);
    assertThat(content.bytes()).isEqualTo(CLUSTER.toByteString()).isSameAs(content.bytes());
    assertThat(content.name(ResourceType.CLUSTER)).isEqualTo("c");
  }

  @Test
  void shouldBeEqualToOneWithTheSameMessageWhetherItRestsOrNot() {
    // Given
    Content<Cluster> resting = new Content<>(CLUSTER);
    resting.rest(ResourceType.CLUSTER);

    // Then
    assertThat(resting)
        .isEqualTo(new Content<>(CLUSTER.toBuilder().build()))
        .hasSameHashCodeAs(new Content<>(CLUSTER))
        .isNotEqualTo(new Content<>(CLUSTER.toBuilder().setName("d").build()));
  }

  @Test
  void shouldBeEqualWhenAMapIsInAnotherOrder() {
    // Given
    Content<Cluster> resting = new Content<>(withOptions("a", "b"));
    resting.rest(ResourceType.CLUSTER);
    Content<Cluster> other = new Content<>(withOptions("b", "a"));
    assertThat(other.bytes()).isNotEqualTo(resting.bytes());

    // Then
    assertThat(resting).isEqualTo(other);
    assertThat(other).isEqualTo(resting);
  }

  @Test
  void shouldNotBeEqualToAnotherTypeWithTheSameBytes() {
    // Given
    Content<Cluster> resting = new Content<>(Cluster.newBuilder().setName("c").build());
    resting.rest(ResourceType.CLUSTER);
    Content<ClusterLoadAssignment> other =
        new Content<>(ClusterLoadAssignment.newBuilder().setClusterName("c").build());

    // Then
    assertThat(other.bytes()).isEqualTo(resting.bytes());
    assertThat(resting).isNotEqualTo(other);
  }

  /** In the state of the world all clusters come again for each that changes. */
  @Test
  void shouldMakeNoMessageOfEqualBytes() {
    // Given
    Content<ClusterLoadAssignment> resting = new Content<>(many());
    resting.rest(ResourceType.ENDPOINT);
    Content<ClusterLoadAssignment> alike = new Content<>(many());
    alike.rest(ResourceType.ENDPOINT);
    Content<ClusterLoadAssignment> atHand = new Content<>(many());

    // Then
    long message = Allocations.of(resting::message);
    assertThat(Allocations.of(() -> assertEqual(resting, alike))).isLessThan(message / 100);
    assertThat(Allocations.of(() -> assertEqual(resting, atHand))).isLessThan(message / 2);
  }

  private static void assertEqual(Content<?> one, Content<?> other) {
    if (!one.equals(other)) {
      throw new AssertionError("equal contents are not equal");
    }
  }

  private static Cluster withOptions(String... names) {
    Cluster.Builder cluster = CLUSTER.toBuilder();
    for (String name : names) {
      cluster.putTypedExtensionProtocolOptions(name, com.google.protobuf.Any.getDefaultInstance());
    }
    return cluster.build();
  }

  private static ClusterLoadAssignment many() {
    LocalityLbEndpoints.Builder endpoints = LocalityLbEndpoints.newBuilder();
    for (int i = 0; i < 1_000; i++) {
      endpoints.addLbEndpointsBuilder().setEndpointName("e" + i);
    }
    return ClusterLoadAssignment.newBuilder().setClusterName("c").addEndpoints(endpoints).build();
  }
}
