package io.handfast.xds.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When the fallback is asked, and how the primary comes back. */
final class XdsFallbackTest extends XdsClientRig {

  @Test
  void shouldAskTheFallbackBeforeTheFirstResponseOnlyF1() {
    // Given
    start();
    respond(primary, "n1", "a");

    // When, Then
    close(primary, "reset");
    assertThat(fallbacks).isEmpty();
    executor.advance(Duration.ofSeconds(2));
    close(primary, "refused: all that is wanted is held");
    assertThat(fallbacks).isEmpty();
    client.subscribe(ResourceType.ENDPOINT, Set.of("a"), FETCH);
    executor.advance(Duration.ofSeconds(3));
    close(primary, "refused");
    assertThat(fallbacks).hasSize(1);
    assertThat(handler.changes).isEmpty();
  }

  @Test
  void shouldNotAskTheFallbackWhenAPrimaryThatLivesReportsAnErrorF1E1() {
    // Given
    start();
    client.subscribe(ResourceType.ENDPOINT, Set.of("a"), FETCH);
    executor.run();

    // When
    ResourceError.Builder error = ResourceError.newBuilder();
    error.getResourceNameBuilder().setName("a");
    error.getErrorDetailBuilder().setCode(5);
    primary
        .last()
        .listener
        .received(
            DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(ResourceType.ENDPOINT.typeUrl())
                .setNonce("n")
                .addResourceErrors(error)
                .build());
    executor.run();
    client.subscribe(ResourceType.ENDPOINT, Set.of("xdstp://a/no.such.Type/x"), FETCH);
    executor.run();

    // Then
    assertThat(handler.failed).hasSize(2);
    assertThat(fallbacks).isEmpty();
    assertThat(primary.calls).hasSize(1);
  }

  @Test
  void shouldReturnToThePrimaryWithItsFirstResponseF1() {
    // Given
    start();
    close(primary, "refused");
    ready(fallbacks.getFirst());
    respond(fallbacks.getFirst(), "f1", "a");
    assertThat(handler.changes).isEmpty();

    // When
    executor.advance(Duration.ofSeconds(5));
    ready(primary);
    assertThat(fallbacks.getFirst().closed).isFalse();
    assertThat(
            ((DeltaDiscoveryRequest) primary.last().sent.getFirst())
                .getInitialResourceVersionsMap())
        .isEmpty();
    respond(primary, "p1", "b");

    // Then
    assertThat(fallbacks.getFirst().closed).isTrue();
    assertThat(handler.changes).containsExactly("server changed");
    assertThat(events).contains("fallback connected", "fallback gone");
    receive(fallbacks.getFirst().last(), "f2", "late");
    assertThat(handler.versions).containsOnlyKeys("clusters[a]", "clusters[b]");
  }

  @Test
  void shouldForgetThePrimarysVersionsWhenTheFallbackAnswersF1() {
    // Given
    start();
    respond(primary, "n1", "a");
    close(primary, "reset");
    client.subscribe(ResourceType.ENDPOINT, Set.of("a"), FETCH);
    executor.advance(Duration.ofSeconds(2));
    close(primary, "refused");
    executor.advance(Duration.ofSeconds(3));
    ready(primary);
    assertThat(firstVersions(primary)).containsKey("a");

    // When
    ready(fallbacks.getFirst());
    respond(fallbacks.getFirst(), "f1", "x");

    // Then
    assertThat(primary.last().cancelled).isEqualTo("another server has answered meanwhile");
    assertThat(handler.changes).containsExactly("server changed");
    executor.advance(Duration.ofSeconds(5));
    ready(primary);
    assertThat(firstVersions(primary)).isEmpty();
  }
}
