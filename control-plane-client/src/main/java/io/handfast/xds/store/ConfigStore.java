package io.handfast.xds.store;

import io.handfast.xds.resource.InvalidConfigException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes offers, has them compiled and warmed, and publishes them as one snapshot.
 *
 * <p>Thread-safe: {@link #current()} is one volatile read; everything else happens on the executor
 * given in, which runs one task at a time. A refused offer changes nothing. An offer that comes
 * while another one warms takes its place: the older one is never published. An update waits
 * instead, so that steady pushes do not keep each other from being published.
 *
 * @param <S> the snapshot
 */
public final class ConfigStore<S> {

  /**
   * How long a snapshot may warm before it is published as it is; Envoy's {@code
   * initial_fetch_timeout}.
   */
  public static final Duration DEFAULT_WARM_LIMIT = Duration.ofSeconds(15);

  /** Bound of what is remembered as told once. */
  private static final int MAX_TOLD = 10_000;

  private static final Logger log = LoggerFactory.getLogger(ConfigStore.class);

  private final SnapshotCompiler<S> compiler;
  private final Warmer<S> warmer;
  private final ScheduledExecutorService executor;
  private final Executor compiling;
  private final Duration warmLimit;
  private final List<SnapshotListener<S>> listeners = new CopyOnWriteArrayList<>();
  private final Set<String> told = new LinkedHashSet<>();

  /** What had no effect in the last one that was taken; confined to the executor. */
  private List<String> observed = List.of();

  private volatile @Nullable S current;
  private long versions;
  private @Nullable Warming<S> warming;
  private @Nullable Waiting<S> waiting;

  /** Whether an update is being compiled. */
  private boolean busy;

  /** The resources that {@link #current} was made of. */
  private volatile @Nullable ResourceSet currentResources;

  /** A snapshot on its way; confined to the executor. */
  private record Warming<S>(
      long version,
      S next,
      ResourceSet resources,
      CompletableFuture<S> result,
      ScheduledFuture<?> limit) {}

  /** An update that waits for the one that warms; confined to the executor. */
  private record Waiting<S>(ResourceSet resources, CompletableFuture<UpdateOutcome<S>> result) {}

  /**
   * A store with nothing published.
   *
   * @param executor runs one task at a time; its clock bounds the warming
   * @param compiling where updates are compiled; need not be the executor, which may be an event
   *     loop
   * @param warmLimit how long a snapshot may warm, > 0
   */
  public ConfigStore(
      SnapshotCompiler<S> compiler,
      Warmer<S> warmer,
      ScheduledExecutorService executor,
      Executor compiling,
      Duration warmLimit) {
    if (warmLimit.isNegative() || warmLimit.isZero()) {
      throw new IllegalArgumentException("warmLimit: " + warmLimit + " (expected: > 0)");
    }
    this.compiler = compiler;
    this.warmer = warmer;
    this.executor = executor;
    this.compiling = compiling;
    this.warmLimit = warmLimit;
  }

  /** What is published; empty before the first. */
  public Optional<S> current() {
    return Optional.ofNullable(current);
  }

  /** What {@link #current} was made of; a moment older or newer than it. */
  public Optional<ResourceSet> resources() {
    return Optional.ofNullable(currentResources);
  }

  /** Tells the listener of every snapshot published from now on. */
  public void addListener(SnapshotListener<S> listener) {
    listeners.add(listener);
  }

  /**
   * Offers a configuration.
   *
   * @return ends with the snapshot once it is published; fails with {@link InvalidConfigException}
   *     if it is refused, with {@link CancellationException} if a later offer took its place
   */
  public CompletionStage<S> offer(ResourceSet resources) {
    CompletableFuture<S> result = new CompletableFuture<>();
    executor.execute(() -> {
      try {
        accept(resources, result);
      } catch (RuntimeException | Error e) {
        result.completeExceptionally(e);
        throw e;
      }
    });
    return result.minimalCompletionStage();
  }

  /**
   * Offers what a control plane has sent. What is valid of it is published, and a resource that is
   * not gives way to its last good version. While another snapshot warms the newest update waits
   * for it.
   *
   * @return ends when the update is published; fails with {@link InvalidConfigException} if nothing
   *     can be made of it, with {@link CancellationException} if a later one took its place while
   *     it waited
   */
  public CompletionStage<UpdateOutcome<S>> update(ResourceSet resources) {
    CompletableFuture<UpdateOutcome<S>> result = new CompletableFuture<>();
    executor.execute(() -> {
      dropWaiting();
      waiting = new Waiting<>(resources, result);
      takeWaiting();
    });
    return result.minimalCompletionStage();
  }

  private void dropWaiting() {
    Waiting<S> older = waiting;
    if (older != null) {
      waiting = null;
      older.result().completeExceptionally(replaced());
    }
  }

  private void takeWaiting() {
    Waiting<S> next = waiting;
    if (next == null || warming != null || busy) {
      return;
    }
    waiting = null;
    busy = true;
    long version = versions + 1;
    Optional<ResourceSet> lastGood = Optional.ofNullable(currentResources);
    compiling.execute(() -> {
      try {
        Quarantine<S> valid = Quarantine.compile(compiler, version, next.resources(), lastGood);
        executor.execute(() -> compiled(next, version, valid));
      } catch (RuntimeException | Error e) {
        executor.execute(() -> {
          busy = false;
          next.result().completeExceptionally(e);
          takeWaiting();
        });
        throw e;
      }
    });
  }

  private void compiled(Waiting<S> update, long version, Quarantine<S> valid) {
    busy = false;
    CompletableFuture<UpdateOutcome<S>> result = update.result();
    if (version != versions + 1) {
      result.completeExceptionally(replaced());
      takeWaiting();
      return;
    }
    valid.rejected().forEach((name, errors) -> log.warn("{} refused: {}", name, errors.getFirst()));
    CompletableFuture<S> published = new CompletableFuture<>();
    published.whenComplete((snapshot, failure) -> {
      if (failure == null) {
        result.complete(new UpdateOutcome<>(snapshot, valid.used(), valid.rejected()));
      } else {
        result.completeExceptionally(failure);
      }
    });
    // What waits is newer than this one.
    Waiting<S> newer = waiting;
    waiting = null;
    try {
      take(valid.compiled(), valid.used(), published);
    } finally {
      waiting = newer;
      takeWaiting();
    }
  }

  private void accept(ResourceSet resources, CompletableFuture<S> result) {
    take(compiler.compile(versions + 1, resources), resources, result);
  }

  private void take(Compiled<S> compiled, ResourceSet resources, CompletableFuture<S> result) {
    Optional<S> next = compiled.snapshot();
    if (next.isEmpty()) {
      log.warn(
          "configuration refused, {} error(s); the first: {}",
          compiled.errors().size(),
          compiled.errors().getFirst());
      result.completeExceptionally(new InvalidConfigException(compiled.errors()));
      return;
    }
    versions++;
    tell(compiled);
    drop(replaced());
    dropWaiting();
    warm(next.get(), resources, result);
  }

  private static CancellationException replaced() {
    return new CancellationException("a later configuration took its place");
  }

  @SuppressWarnings("ReferenceEquality") // The same list has nothing new in it.
  private void tell(Compiled<S> compiled) {
    compiled.warnings().stream().filter(this::isNews).forEach(log::warn);
    if (compiled.observed() == observed) {
      return;
    }
    observed = compiled.observed();
    List<String> news = compiled.observed().stream().filter(this::isNews).toList();
    if (!news.isEmpty()) {
      log.info("accepted without effect: {}", String.join(", ", news));
    }
  }

  private boolean isNews(String text) {
    return told.size() < MAX_TOLD && told.add(text);
  }

  /** Gives up what is warming, if anything is. */
  private void drop(Throwable reason) {
    Warming<S> older = warming;
    if (older != null) {
      warming = null;
      older.limit().cancel(false);
      older.result().completeExceptionally(reason);
    }
  }

  private void warm(S next, ResourceSet resources, CompletableFuture<S> result) {
    long version = versions;
    ScheduledFuture<?> limit =
        executor.schedule(
            () -> publish(version, "it warmed longer than " + warmLimit),
            warmLimit.toNanos(),
            TimeUnit.NANOSECONDS);
    warming = new Warming<>(version, next, resources, result, limit);
    try {
      warmer
          .warm(next)
          .whenCompleteAsync(
              (done, failure) ->
                  publish(
                      version, failure == null ? "" : "warming failed: " + failure.getMessage()),
              executor);
    } catch (RuntimeException | Error e) {
      drop(e);
      throw e;
    }
  }

  private void publish(long version, String complaint) {
    Warming<S> mine = warming;
    if (mine == null || mine.version() != version) {
      return;
    }
    warming = null;
    mine.limit().cancel(false);
    if (!complaint.isEmpty()) {
      log.warn("configuration published though not everything is there: {}", complaint);
    }
    Optional<S> previous = current();
    Optional<ResourceSet> before = resources();
    current = mine.next();
    currentResources = mine.resources();
    try {
      tell(previous, mine.next());
      rest(mine.resources(), before);
      mine.result().complete(mine.next());
    } catch (RuntimeException | Error e) {
      mine.result().completeExceptionally(e);
      throw e;
    } finally {
      takeWaiting();
    }
  }

  /** It saves memory and does nothing else: at the end of the process it is left out. */
  private void rest(ResourceSet resources, Optional<ResourceSet> before) {
    try {
      compiling.execute(() -> resources.rest(before));
    } catch (RejectedExecutionException e) {
      log.debug("what serves is not kept as bytes: {}", e.getMessage());
    }
  }

  /** A bug in one listener must not leave the others with what was before. */
  private void tell(Optional<S> previous, S next) {
    RuntimeException first = null;
    for (SnapshotListener<S> listener : listeners) {
      try {
        listener.published(previous, next);
      } catch (RuntimeException e) {
        log.error("a listener of configurations has failed", e);
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
