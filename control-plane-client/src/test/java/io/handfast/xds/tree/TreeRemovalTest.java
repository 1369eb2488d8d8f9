package io.handfast.xds.tree;

import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static io.handfast.xds.resource.ResourceType.ENDPOINT;
import static io.handfast.xds.resource.ResourceType.LISTENER;
import static io.handfast.xds.resource.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.xds.protocol.Effect;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What goes, when, and what goes with it. */
final class TreeRemovalTest extends TreeFixture {

  @Test
  void shouldCollectTheChildrenOfWhatIsDeletedS4() {
    // Given
    ready();
    apply(CLUSTER, "2", eds("b"));
    apply(ENDPOINT, "2", endpoints("b"));

    // When
    remove(CLUSTER, "b");
    remove(LISTENER, "l");

    // Then
    assertThat(names(CLUSTER)).containsExactly("a");
    assertThat(names(ENDPOINT)).containsExactly("a");
    assertThat(names(ROUTE)).isEmpty();
    assertThat(names(LISTENER)).isEmpty();
    assertThat(asked).containsEntry("endpoints", "a").containsEntry("routes", "");
  }

  @Test
  void shouldKeepARemovedClusterWhileARouteNamesItW8() {
    // Given
    ready();

    // When, Then
    remove(CLUSTER, "a");
    assertThat(names(CLUSTER)).containsExactly("a");
    assertThat(names(ENDPOINT)).containsExactly("a");
    assertThat(asked).containsEntry("endpoints", "");
    apply(CLUSTER, "2", eds("a2"));
    apply(ROUTE, "2", route("r", "a2"));
    assertThat(version(ROUTE, "r")).isEqualTo("1");
    apply(ENDPOINT, "2", endpoints("a2"));
    assertThat(version(ROUTE, "r")).isEqualTo("2");
    assertThat(names(CLUSTER)).containsExactly("a2");
    assertThat(names(ENDPOINT)).containsExactly("a2");
    assertThat(tree.pending()).isEmpty();
    assertThat(executor.pendingTimers()).isZero();
  }

  @Test
  void shouldKeepRemovedEndpointsWhileAClusterNamesThemW8() {
    // Given
    ready();

    // When, Then
    remove(ENDPOINT, "a");
    assertThat(names(ENDPOINT)).containsExactly("a");
    executor.advance(ResourceTree.KEEP_LIMIT);
    assertThat(names(ENDPOINT)).isEmpty();
    assertThat(names(CLUSTER)).containsExactly("a");
  }

  @Test
  void shouldDropARemovedClusterAtTheLimitW8() {
    // Given
    ready();

    // When
    remove(CLUSTER, "a");
    executor.advance(ResourceTree.KEEP_LIMIT.minusNanos(1));
    assertThat(names(CLUSTER)).containsExactly("a");
    executor.advance(Duration.ofNanos(1));

    // Then
    assertThat(names(CLUSTER)).isEmpty();
    assertThat(names(ENDPOINT)).isEmpty();
  }

  @Test
  void shouldForgetWhatTheOtherServerToldF1() {
    // Given
    ready();
    apply(CLUSTER, "2", eds("b"));
    apply(ENDPOINT, "2", endpoints("b"));
    assertThat(names(CLUSTER)).containsExactly("a", "b");

    // When
    ads.serverChanged();
    apply(CLUSTER, "p1", eds("a"));

    // Then
    assertThat(names(CLUSTER)).containsExactly("a");
  }

  @Test
  void shouldDropWhatHasExpiredX1() {
    // Given
    ready();

    // When
    ads.lost(new Effect.Lost(ENDPOINT, Set.of("a"), Effect.Reason.EXPIRED));

    // Then
    assertThat(names(ENDPOINT)).isEmpty();
    assertThat(names(CLUSTER)).containsExactly("a");
  }
}
