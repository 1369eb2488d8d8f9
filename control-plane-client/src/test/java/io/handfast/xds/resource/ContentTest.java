package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
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
}
