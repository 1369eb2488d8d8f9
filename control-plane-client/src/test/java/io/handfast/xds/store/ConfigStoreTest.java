package io.handfast.xds.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ConfigStoreTest {

  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final ManualExecutor executor = new ManualExecutor();
  private final List<String> published = new ArrayList<>();
  private final List<CompletableFuture<@Nullable Void>> warmings = new ArrayList<>();
  private final ConfigStore<String> store =
      new ConfigStore<>(ConfigStoreTest::compile, this::warm, executor, LIMIT);

  ConfigStoreTest() {
    store.addListener(
        (previous, next) -> published.add(previous.orElse("nothing") + " -> " + next));
  }

  @Test
  void shouldPublishWhenEverythingIsWarm() {
    // Given
    CompletableFuture<String> first = offer("a");
    executor.run();
    assertThat(store.current()).isEmpty();
    assertThat(first).isNotDone();

    // When
    warmings.getFirst().complete(null);
    executor.run();

    // Then
    assertThat(store.current()).contains("1:a");
    assertThat(first).isCompletedWithValue("1:a");
    assertThat(published).containsExactly("nothing -> 1:a");
    assertThat(executor.pendingTimers()).isZero();
  }

  @Test
  void shouldLeaveTheOldOneWholeWhenAnOfferIsRefused() {
    // Given
    publish("a");

    // When
    CompletableFuture<String> refused = offer("bad");
    executor.run();

    // Then
    assertThat(store.current()).contains("1:a");
    assertThat(published).hasSize(1);
    assertThatThrownBy(refused::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            InvalidConfigException.class,
            e ->
                assertThat(e.errors())
                    .containsExactly(new ConfigError("node.id", "bad (expected: good)")));
    assertThat(refused.isCompletedExceptionally()).isTrue();
    publish("c");
    assertThat(store.current()).contains("2:c");
  }

  @Test
  void shouldGoOnWarmingWhenALaterOfferIsRefused() {
    // Given
    CompletableFuture<String> first = offer("a");
    executor.run();

    // When
    offer("bad");
    executor.run();
    warmings.getFirst().complete(null);
    executor.run();

    // Then
    assertThat(first).isCompletedWithValue("1:a");
  }

  @Test
  void shouldPublishAtTheLimitWhenWarmingDoesNotEnd() {
    // Given
    CompletableFuture<String> slow = offer("a");
    executor.run();

    // When
    executor.advance(LIMIT.minusNanos(1));
    assertThat(slow).isNotDone();
    executor.advance(Duration.ofNanos(1));
    warmings.getFirst().complete(null);
    executor.run();

    // Then
    assertThat(slow).isCompletedWithValue("1:a");
    assertThat(published).containsExactly("nothing -> 1:a");
  }

  @Test
  void shouldPublishWhenWarmingFails() {
    // Given
    CompletableFuture<String> offered = offer("a");
    executor.run();

    // When
    warmings.getFirst().completeExceptionally(new IllegalStateException("no such host"));
    executor.run();

    // Then
    assertThat(offered).isCompletedWithValue("1:a");
  }

  @Test
  void shouldNeverPublishTheOlderOneWhenALaterOfferComesWhileItWarms() {
    // Given
    CompletableFuture<String> older = offer("a");
    executor.run();
    CompletableFuture<String> later = offer("b");
    executor.run();

    // When
    warmings.get(1).complete(null);
    executor.run();
    warmings.get(0).complete(null);
    executor.advance(LIMIT);

    // Then
    assertThatThrownBy(older::join).hasCauseInstanceOf(CancellationException.class);
    assertThat(later).isCompletedWithValue("2:b");
    assertThat(store.current()).contains("2:b");
    assertThat(published).containsExactly("nothing -> 2:b");
  }

  @Test
  void shouldPublishNothingWhenTheWarmerThrows() {
    // Given
    ConfigStore<String> broken =
        new ConfigStore<>(
            ConfigStoreTest::compile,
            next -> {
              throw new IllegalStateException("bug");
            },
            executor,
            LIMIT);

    // When
    CompletableFuture<String> offered = broken.offer(resources("a")).toCompletableFuture();
    assertThatThrownBy(executor::run).hasMessage("bug");
    executor.advance(LIMIT);

    // Then
    assertThatThrownBy(offered::join).hasRootCauseMessage("bug");
    assertThat(broken.current()).isEmpty();
  }

  @Test
  void shouldTakeAStaticBootstrapApartIntoResources() {
    // Given
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap.getStaticResourcesBuilder().addClustersBuilder().setName("c");
    bootstrap.getStaticResourcesBuilder().addClustersBuilder().setName("c");
    bootstrap.getStaticResourcesBuilder().addListenersBuilder().setName("l");
    bootstrap.getNodeBuilder().setId("n");

    // When
    ResourceSet resources = ResourceSet.of(bootstrap.build());
    ConfigErrors errors = new ConfigErrors();
    resources.checkNames(errors);

    // Then
    assertThat(resources.process().getNode().getId()).isEqualTo("n");
    assertThat(resources.process().getStaticResources().getClustersCount()).isZero();
    assertThat(resources.get(ResourceType.CLUSTER))
        .extracting(Offered::path)
        .containsExactly("static_resources.clusters[0]", "static_resources.clusters[1]");
    assertThat(resources.get(ResourceType.LISTENER)).hasSize(1);
    assertThat(errors.list())
        .containsExactly(
            new ConfigError(
                "static_resources.clusters[1].name",
                "c (expected: a name of its own; static_resources.clusters[0] has it)"));
  }

  @Test
  void shouldRefuseALimitThatIsNone() {
    assertThatThrownBy(
            () -> new ConfigStore<>(ConfigStoreTest::compile, this::warm, executor, Duration.ZERO))
        .hasMessage("warmLimit: PT0S (expected: > 0)");
  }

  private static Compiled<String> compile(long version, ResourceSet resources) {
    String id = resources.process().getNode().getId();
    return id.equals("bad")
        ? new Compiled<>(
            Optional.empty(),
            List.of(new ConfigError("node.id", "bad (expected: good)")),
            List.of(),
            List.of())
        : new Compiled<>(
            Optional.of(version + ":" + id),
            List.of(),
            List.of("stats_config"),
            List.of("a warning"));
  }

  private CompletionStage<@Nullable Void> warm(String next) {
    CompletableFuture<@Nullable Void> warming = new CompletableFuture<>();
    warmings.add(warming);
    return warming;
  }

  private CompletableFuture<String> offer(String id) {
    return store.offer(resources(id)).toCompletableFuture();
  }

  private void publish(String id) {
    offer(id);
    executor.run();
    warmings.getLast().complete(null);
    executor.run();
  }

  private static ResourceSet resources(String id) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap.getNodeBuilder().setId(id);
    return ResourceSet.of(bootstrap.build());
  }
}
