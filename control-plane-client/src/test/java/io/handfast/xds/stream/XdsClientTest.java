package io.handfast.xds.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.handfast.xds.protocol.Backoff;
import io.handfast.xds.protocol.DeltaMachine;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ManualExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class XdsClientTest {

  private static final Duration FETCH = Duration.ofSeconds(15);
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Backoff.Policy STEADY =
      new Backoff.Policy(Duration.ofSeconds(1), Duration.ofMinutes(2), 1.6, 0);

  private final ManualExecutor executor = new ManualExecutor();
  private final RecordingHandler handler = new RecordingHandler();
  private final FakeWire primary = new FakeWire();
  private final List<FakeWire> fallbacks = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private final XdsClient client = client(handler);

  private XdsClient client(ResourceHandler to) {
    return new XdsClient(
        List.of(
            new XdsClient.Server("primary", () -> primary, CONNECT),
            new XdsClient.Server("fallback", this::fallback, CONNECT)),
        () ->
            new DeltaMachine(
                new StreamMachine.Options(
                    Node.newBuilder().setId("n").build(), true, ResourceType.ALL, STEADY, false),
                new Random(1)),
        STEADY,
        to,
        new ClientRuntime(executor, executor::nanoTime, new Random(1), new Events()));
  }

  private Wire fallback() {
    fallbacks.add(new FakeWire());
    return fallbacks.getLast();
  }

  private final class Events implements StreamEvents {
    @Override
    public void connected(String server, boolean now) {
      events.add(server + (now ? " connected" : " gone"));
    }

    @Override
    public void answered(String server, String typeUrl, boolean nack) {
      events.add(server + (nack ? " NACK" : " ACK"));
    }

    @Override
    public void updated(String server, ResourceType<?> type, int valid, int invalid) {
      events.add(type + " " + valid + "/" + invalid);
    }
  }

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

  private static Map<String, String> firstVersions(FakeWire wire) {
    return ((DeltaDiscoveryRequest) wire.last().sent.getFirst()).getInitialResourceVersionsMap();
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

  private void start() {
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.start();
    executor.run();
    ready(primary);
  }

  private void ready(FakeWire wire) {
    wire.last().listener.ready();
    executor.run();
  }

  private void close(FakeWire wire, String error) {
    wire.last().listener.closed(error);
    executor.run();
  }

  private void respond(FakeWire wire, String nonce, String... clusters) {
    receive(wire.last(), nonce, clusters);
    executor.run();
  }

  private static void receive(FakeWire.FakeCall call, String nonce, String... clusters) {
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .setNonce(nonce);
    for (String name : clusters) {
      Message cluster = Cluster.newBuilder().setName(name).build();
      response.addResources(
          Resource.newBuilder().setName(name).setVersion("1").setResource(Any.pack(cluster)));
    }
    call.listener.received(response.build());
  }

  private static List<String> nonces(FakeWire.FakeCall call) {
    return call.sent.stream()
        .map(request -> ((DeltaDiscoveryRequest) request).getResponseNonce())
        .toList();
  }

  private static long nacks(FakeWire.FakeCall call) {
    return call.sent.stream()
        .filter(request -> ((DeltaDiscoveryRequest) request).hasErrorDetail())
        .count();
  }
}
