package io.handfast.xds.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class XdsClientTest extends XdsClientRig {

  @Test
  void shouldConnectSubscribeAndAcknowledge() {
    // Given
    start();

    // When
    respond(primary, "n1", "a", "b");

    // Then
    assertThat(handler.versions).containsOnlyKeys("clusters[a]", "clusters[b]");
    assertThat(nonces(primary.last())).containsExactly("", "n1");
    assertThat(events).containsExactly("primary connected", "clusters 2/0", "primary ACK");
    assertThat(fallbacks).isEmpty();
  }

  @Test
  void shouldReadTheNextOneWhenTheLastIsAppliedP1() {
    // Given
    CompletableFuture<List<ResourceFault>> applying = new CompletableFuture<>();
    XdsClient slow = client(new SlowHandler(applying));
    slow.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    slow.start();
    executor.run();
    ready(primary);
    assertThat(primary.last().reads).isEqualTo(1);

    // When
    respond(primary, "n1", "a");
    assertThat(primary.last().reads).isEqualTo(1);
    assertThat(nonces(primary.last())).containsExactly("");
    applying.complete(List.of());
    executor.run();

    // Then
    assertThat(primary.last().reads).isEqualTo(2);
    assertThat(nonces(primary.last())).containsExactly("", "n1");
  }

  /** Takes its time. */
  private record SlowHandler(CompletableFuture<List<ResourceFault>> applying)
      implements ResourceHandler {
    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      return applying;
    }

    @Override
    public void lost(Effect.Lost lost) {}

    @Override
    public void failed(Effect.Failed failed) {}

    @Override
    public void serverChanged() {}
  }

  @Test
  void shouldRefuseAllWhenApplyingBreaks() {
    // Given
    CompletableFuture<List<ResourceFault>> broken = new CompletableFuture<>();
    XdsClient breaking = client(new SlowHandler(broken));
    breaking.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    breaking.start();
    executor.run();
    ready(primary);

    // When
    respond(primary, "n1", "a");
    broken.completeExceptionally(new IllegalStateException("bug"));
    executor.run();

    // Then
    DeltaDiscoveryRequest nack = (DeltaDiscoveryRequest) primary.last().sent.getLast();
    assertThat(nack.getErrorDetail().getMessage())
        .isEqualTo("clusters: internal error: java.lang.IllegalStateException: bug");
    assertThat(primary.last().reads).isEqualTo(2);
  }

  @Test
  void shouldWaitLongerAfterEachFailureC1() {
    // Given
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.start();
    executor.run();

    // When, Then
    for (Duration delay : List.of(Duration.ofMillis(1000), Duration.ofMillis(1600))) {
      int calls = primary.calls.size();
      close(primary, "UNAVAILABLE: refused");
      executor.advance(delay.minusNanos(1));
      assertThat(primary.calls).hasSize(calls);
      executor.advance(Duration.ofNanos(1));
      assertThat(primary.calls).hasSize(calls + 1);
    }
    ready(primary);
    respond(primary, "n1", "a");
    executor.advance(Duration.ofMinutes(10));
    int calls = primary.calls.size();
    close(primary, "UNAVAILABLE: server restarts");
    executor.advance(Duration.ZERO);
    assertThat(primary.calls).hasSize(calls + 1);
    assertThat(handler.versions).containsOnlyKeys("clusters[a]");
  }

  @Test
  void shouldOpenAFewStreamsOnlyWhenTheServerFlapsC1() {
    // Given
    start();
    respond(primary, "n1", "a");

    // When
    for (int i = 0; i < 600; i++) {
      FakeWire.FakeCall call = primary.last();
      ready(primary);
      close(primary, "flapping");
      assertThat(call.sent.size()).isLessThanOrEqualTo(2);
      executor.advance(Duration.ofMillis(100));
    }

    // Then
    assertThat(primary.calls.size()).isBetween(5, 10);
  }

  @Test
  void shouldGiveUpAConnectionThatNeverCanBeUsedAndAskTheNextC1F1() {
    // Given
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.start();
    executor.run();
    FakeWire.FakeCall hanging = primary.last();

    // When
    executor.advance(CONNECT.minusNanos(1));
    assertThat(hanging.cancelled).isEmpty();
    executor.advance(Duration.ofNanos(1));

    // Then
    assertThat(hanging.cancelled).isEqualTo("no connection within 20000 ms");
    assertThat(fallbacks).hasSize(1);
    executor.advance(Duration.ofSeconds(1));
    assertThat(primary.calls).hasSize(2);
    ready(primary);
    executor.advance(CONNECT);
    assertThat(primary.calls).hasSize(2);
  }

  @Test
  void shouldSendAFewNacksOnlyWhenTheServerAnswersEachAtOnceA7() {
    // Given
    handler.check = received -> List.of(ResourceFault.of(received.name(), "clusters[a]", "bad"));
    start();
    FakeWire.FakeCall call = primary.last();
    call.onSend = () -> receive(call, "again" + call.sent.size(), "a");
    respond(primary, "n1", "a");

    // When
    for (int i = 0; i < 600; i++) {
      executor.advance(Duration.ofMillis(100));
    }

    // Then
    assertThat(nacks(call)).isBetween(5L, 10L);
    assertThat(handler.updates.size()).isLessThanOrEqualTo(12);
  }

  @Test
  void shouldIgnoreWhatAnOldStreamSaysA4() {
    // Given
    start();
    FakeWire.FakeCall old = primary.last();
    close(primary, "reset");
    executor.advance(Duration.ofSeconds(2));
    ready(primary);

    // When
    receive(old, "late", "late");
    old.listener.closed("again");
    executor.run();

    // Then
    assertThat(handler.versions).isEmpty();
    assertThat(primary.calls).hasSize(2);
    assertThat(primary.last().sent).hasSize(1);
  }

  @Test
  void shouldBeginAnewWhenAStepBreaks() {
    // Given
    start();

    // When: what no server of this kind of stream sends
    primary.last().listener.received(Cluster.getDefaultInstance());
    executor.run();

    // Then
    assertThat(primary.last().cancelled).startsWith("internal error: ");
    executor.advance(Duration.ofSeconds(2));
    ready(primary);
    respond(primary, "n1", "a");
    assertThat(handler.versions).containsOnlyKeys("clusters[a]");
  }

  @Test
  void shouldRefuseAllWhenApplyingThrows() {
    // Given
    handler.check =
        received -> {
          throw new IllegalStateException("bug");
        };
    start();

    // When
    respond(primary, "n1", "a");

    // Then
    DeltaDiscoveryRequest nack = (DeltaDiscoveryRequest) primary.last().sent.getLast();
    assertThat(nack.getErrorDetail().getMessage()).contains("internal error");
    assertThat(primary.last().reads).isEqualTo(2);
  }

  @Test
  void shouldTellOfTimeoutsAndEndTimersWithTheClientR1() {
    // Given
    start();

    // When
    executor.advance(FETCH);

    // Then
    assertThat(handler.lost)
        .containsExactly(new Effect.Lost(ResourceType.CLUSTER, Set.of("*"), Effect.Reason.TIMEOUT));
    client.subscribe(ResourceType.ENDPOINT, Set.of("a"), FETCH);
    executor.run();
    client.close();
    executor.run();
    assertThat(executor.pendingTimers()).isZero();
    assertThat(primary.closed).isTrue();
    assertThat(events).contains("primary gone");
  }

  @Test
  void shouldTryAgainWhenNoCallCanBeBegunC1() {
    // Given
    primary.broken = "no certificates";
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.start();
    executor.run();
    assertThat(primary.calls).isEmpty();

    // When
    primary.broken = "";
    executor.advance(Duration.ofSeconds(2));
    ready(primary);
    respond(primary, "n1", "a");

    // Then
    assertThat(handler.versions).containsOnlyKeys("clusters[a]");
  }

  @Test
  void shouldRefuseToHaveNoServer() {
    assertThatThrownBy(() ->
            new XdsClient(
                List.of(),
                () -> {
                  throw new IllegalStateException("not asked");
                },
                STEADY,
                handler,
                new ClientRuntime(executor, executor::nanoTime, new Random(1), StreamEvents.NONE)))
        .hasMessage("servers: [] (expected: at least one)");
  }
}
