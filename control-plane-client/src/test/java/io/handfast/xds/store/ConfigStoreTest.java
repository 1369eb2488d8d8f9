package io.handfast.xds.store;

import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ConfigStoreTest {

  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final ManualExecutor executor = new ManualExecutor();
  private final List<String> published = new ArrayList<>();
  private final List<CompletableFuture<@Nullable Void>> warmings = new ArrayList<>();
  private final ConfigStore<String> store =
      new ConfigStore<>(ConfigStoreTest::compile, this::warm, executor, Runnable::run, LIMIT);

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
  void shouldSayThatItServesWhenNothingIsTakenToSaveMemory() {
    // Given
    ConfigStore<String> ending =
        new ConfigStore<>(
            ConfigStoreTest::compile,
            this::warm,
            executor,
            _ -> {
              throw new RejectedExecutionException("it ends");
            },
            LIMIT);
    CompletableFuture<String> last = ending.offer(resources("a")).toCompletableFuture();
    executor.run();

    // When
    warmings.getLast().complete(null);
    executor.run();

    // Then
    assertThat(last).isCompletedWithValue("1:a");
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
            Runnable::run,
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
    assertThatThrownBy(() ->
            new ConfigStore<>(
                ConfigStoreTest::compile, this::warm, executor, Runnable::run, Duration.ZERO))
        .hasMessage("warmLimit: PT0S (expected: > 0)");
  }

  @Test
  void shouldPublishTheFirstAndThenTheNewestWhenUpdatesComeWhileItWarmsW6() {
    // Given
    ResourceSet a = resources("a");
    ResourceSet c = resources("c");
    CompletableFuture<UpdateOutcome<String>> first = update(a);
    executor.run();
    CompletableFuture<UpdateOutcome<String>> second = update(resources("b"));
    CompletableFuture<UpdateOutcome<String>> third = update(c);
    executor.run();
    assertThat(warmings).hasSize(1);

    // When
    warmings.getFirst().complete(null);
    executor.run();
    warmings.getLast().complete(null);
    executor.run();

    // Then
    assertThat(first).isCompletedWithValue(new UpdateOutcome<>("1:a", a, Map.of()));
    assertThatThrownBy(second::join).hasCauseInstanceOf(CancellationException.class);
    assertThat(third).isCompletedWithValue(new UpdateOutcome<>("2:c", c, Map.of()));
    assertThat(published).containsExactly("nothing -> 1:a", "1:a -> 2:c");
  }

  @Test
  void shouldPublishAtTheLimitUnderSteadyUpdatesW6() {
    // Given
    update(resources("0"));
    executor.run();

    // When
    for (int i = 1; i <= 60; i++) {
      update(resources(String.valueOf(i)));
      executor.advance(Duration.ofSeconds(1));
    }

    // Then
    assertThat(published).hasSize(4);
  }

  @Test
  void shouldServeTheLastGoodOfABadResourceAndTheRestOfTheUpdateA6() {
    // Given
    ConfigStore<String> clusters =
        new ConfigStore<>(
            ConfigStoreTest::compileClusters, this::warm, executor, Runnable::run, LIMIT);
    ResourceSet good =
        resources("n").with(CLUSTER, List.of(cluster("a", 1), cluster("b", 1)), Set.of());
    publish(clusters, good);

    // When
    CompletableFuture<UpdateOutcome<String>> update =
        publish(
            clusters,
            good.with(
                CLUSTER, List.of(cluster("a", 2), cluster("b", 666), cluster("c", 666)), Set.of()));

    // Then
    assertThat(update.join().snapshot()).isEqualTo("a=2 b=1");
    assertThat(update.join().rejected())
        .containsOnlyKeys(new ResourceName(CLUSTER, "b"), new ResourceName(CLUSTER, "c"));
    assertThat(update.join().rejected().get(new ResourceName(CLUSTER, "b")))
        .containsExactly(new ConfigError("clusters[b].limit", "666 (expected: less)"));
  }

  @Test
  void shouldKeepClustersAsBytesWhenTheyServeAndNotBefore() {
    // Given
    Offered<Cluster> cluster = cluster("a", 1);
    Cluster message = cluster.message();
    CompletableFuture<String> offered =
        store.offer(resources("n").with(CLUSTER, List.of(cluster), Set.of())).toCompletableFuture();
    executor.run();
    assertThat(cluster.message()).isSameAs(message);

    // When
    warmings.getFirst().complete(null);
    executor.run();

    // Then
    assertThat(offered).isCompleted();
    assertThat(cluster.message()).isEqualTo(message).isNotSameAs(message);
  }

  @Test
  void shouldRefuseAnUpdateWhoseErrorIsNobodys() {
    // Given
    CompletableFuture<UpdateOutcome<String>> update = update(resources("bad"));

    // When
    executor.run();

    // Then
    assertThatThrownBy(update::join).hasCauseInstanceOf(InvalidConfigException.class);
    assertThat(store.current()).isEmpty();
  }

  @Test
  void shouldLetAnOfferTakeThePlaceOfWhatWaits() {
    // Given
    update(resources("a"));
    executor.run();
    CompletableFuture<UpdateOutcome<String>> waiting = update(resources("b"));
    executor.run();

    // When
    CompletableFuture<String> offered = offer("c");
    executor.run();
    warmings.getLast().complete(null);
    executor.run();

    // Then
    assertThat(offered).isCompletedWithValue("2:c");
    assertThatThrownBy(waiting::join).hasCauseInstanceOf(CancellationException.class);
  }

  @Test
  void shouldShareWhatDoesNotChange() {
    // Given
    Offered<Cluster> first = cluster("a", 1);
    ResourceSet set = resources("n").with(CLUSTER, List.of(first, cluster("b", 1)), Set.of());

    // When
    ResourceSet next =
        set.with(CLUSTER, List.of(cluster("c", 1), cluster("b", 2)), Set.of("nobody"));

    // Then
    assertThat(next.get(CLUSTER))
        .extracting(Offered::path)
        .containsExactly("clusters[a]", "clusters[b]", "clusters[c]");
    assertThat(next.get(CLUSTER).getFirst()).isSameAs(first);
    assertThat(next.get(ResourceType.LISTENER)).isSameAs(set.get(ResourceType.LISTENER));
    assertThat(set.with(CLUSTER, List.of(), Set.of())).isSameAs(set);
    assertThat(set.with(CLUSTER, List.of(), Set.of("a")).get(CLUSTER)).hasSize(1);
    assertThat(set.owner("clusters[b].limit")).contains(new ResourceName(CLUSTER, "b"));
    assertThat(set.owner("clusters[b")).isEmpty();
  }

  @Test
  void shouldTellEveryListenerThoughOneFails() {
    // Given
    List<String> told = new ArrayList<>();
    store.addListener((previous, next) -> {
      throw new IllegalStateException("a bug");
    });
    store.addListener((previous, next) -> told.add(next));

    // When
    CompletableFuture<String> offered = offer("a");
    executor.run();
    warmings.getLast().complete(null);
    executor.run();

    // Then
    assertThat(told).containsExactly("1:a");
    assertThat(offered).isCompletedExceptionally();
  }

  private static Offered<Cluster> cluster(String name, int limit) {
    return new Offered<>(
        Cluster.newBuilder()
            .setName(name)
            .setPerConnectionBufferLimitBytes(UInt32Value.of(limit))
            .build(),
        "clusters[" + name + "]",
        String.valueOf(limit));
  }

  private static Compiled<String> compileClusters(long version, ResourceSet resources) {
    ConfigErrors errors = new ConfigErrors();
    List<String> text = new ArrayList<>();
    for (Offered<Cluster> each : resources.get(CLUSTER)) {
      int limit = each.message().getPerConnectionBufferLimitBytes().getValue();
      if (limit == 666) {
        errors.add(each.path() + ".limit", limit, "less");
      }
      text.add(each.message().getName() + "=" + limit);
    }
    return new Compiled<>(
        errors.isEmpty() ? Optional.of(String.join(" ", text)) : Optional.empty(),
        errors.list(),
        List.of(),
        List.of());
  }

  private CompletableFuture<UpdateOutcome<String>> update(ResourceSet resources) {
    return store.update(resources).toCompletableFuture();
  }

  private CompletableFuture<UpdateOutcome<String>> publish(
      ConfigStore<String> to, ResourceSet resources) {
    CompletableFuture<UpdateOutcome<String>> result = to.update(resources).toCompletableFuture();
    executor.run();
    warmings.getLast().complete(null);
    executor.run();
    return result;
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
