package io.handfast.proxy.xds;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TlsContexts;
import io.handfast.xds.cache.ConfigCache;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.status.ResourceStatus;
import io.handfast.xds.status.StatusBook;
import io.handfast.xds.store.ConfigStore;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ClientRuntime;
import io.handfast.xds.stream.ClusterChannels;
import io.handfast.xds.tree.ResourceCheck;
import io.handfast.xds.tree.ResourceTree;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What control planes send, on its way to the store.
 *
 * <pre>
 * Sources (streams) ─► DiscoveryMeters ─► ResourceTree ─► ConfigStore.update
 *    ▲                                      │
 *    └────────── what is named is asked for ┘
 * </pre>
 *
 * <p>Thread-safe: everything happens on the executor given in.
 */
public final class ControlPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  private final ScheduledExecutorService executor;
  private final ConfigStore<ConfigSnapshot> store;
  private final ResourceTree tree;
  private final Sources sources;
  private final LastGood lastGood;
  private final boolean needed;
  private final StatusBook statuses;
  private final DiscoveryMeters meters;
  private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();

  /** What the tree has published; confined to the executor. */
  private ResourceSet held;

  /**
   * What it runs on.
   *
   * @param executor runs one task at a time; not an event loop
   * @param nanoTime monotonic
   * @param epochMillis time of day
   * @param random for jitter
   * @param cache keeps the last good configuration; empty if none is kept
   */
  public record Surroundings(
      ScheduledExecutorService executor,
      LongSupplier nanoTime,
      LongSupplier epochMillis,
      RandomGenerator random,
      Optional<ConfigCache> cache) {}

  private ControlPlane(
      ResourceSet base,
      ConfigLoader loader,
      ConfigStore<ConfigSnapshot> store,
      DiscoverySettings settings,
      ClusterChannels channels,
      Node node,
      Stats stats,
      Surroundings runtime) {
    this.executor = runtime.executor();
    this.store = store;
    this.held = base;
    this.meters = new DiscoveryMeters(stats, runtime.epochMillis());
    store.addListener(meters);
    base.get(ResourceType.CLUSTER).forEach(each -> meters.cluster(each.message()));
    this.statuses = new StatusBook(runtime.epochMillis());
    this.tree =
        new ResourceTree(
            base,
            settings.roots(),
            new ResourceTree.Ports(
                loader.types(),
                new Check(loader, runtime.epochMillis()),
                this::subscribe,
                this::publish),
            new ResourceTree.Schedule(executor, runtime.nanoTime()));
    this.lastGood = new LastGood(runtime.cache(), tree, stats, runtime.epochMillis());
    this.needed = !settings.roots().byType().isEmpty() || !tree.pending().isEmpty();
    this.sources =
        new Sources(
            settings.aggregated(),
            node,
            channels,
            new FileSources(loader.types(), executor, meters::unreadable),
            meters.ofFiles(),
            meters::forget,
            new ClientRuntime(executor, runtime.nanoTime(), runtime.random(), meters),
            source -> lastGood.watching(meters.counting(statuses.recording(tree.handler(source)))));
  }

  /**
   * The control planes that a bootstrap names; not asked yet.
   *
   * @param base what is static
   * @param channels ways to the static clusters
   * @param node who asks
   * @throws InvalidConfigException if {@code dynamic_resources} cannot be used
   */
  public static ControlPlane of(
      ResourceSet base,
      ConfigLoader loader,
      ConfigStore<ConfigSnapshot> store,
      ClusterChannels channels,
      Node node,
      Stats stats,
      Surroundings runtime)
      throws InvalidConfigException {
    ConfigErrors errors = new ConfigErrors();
    DiscoverySettings settings = DiscoverySettings.compile(base.process(), channels, errors);
    errors.throwIfAny();
    return new ControlPlane(base, loader, store, settings, channels, node, stats, runtime);
  }

  /** What of the static configuration waits for nobody. */
  public ResourceSet initial() {
    return tree.initial();
  }

  /** Whether anything comes from a control plane. */
  public boolean isNeeded() {
    return needed;
  }

  /** What is known of each resource that was asked for or has come, by type and name. */
  public List<ResourceStatus> statuses() {
    return statuses.statuses();
  }

  /** Begins to ask. */
  public void start() {
    executor.execute(() -> {
      lastGood.load();
      tree.start();
      executor.schedule(
          () -> lastGood.standIn("no control plane has told of everything in " + LastGood.PATIENCE),
          LastGood.PATIENCE.toNanos(),
          TimeUnit.NANOSECONDS);
    });
  }

  /** What people should know of what serves; empty if there is nothing to say. Thread-safe. */
  public Optional<String> notice() {
    return lastGood.notice();
  }

  /**
   * When what an earlier process has saved was published, in milliseconds since 1970; empty as long
   * as nothing of it serves. Thread-safe.
   */
  public Optional<Long> savedMillis() {
    return lastGood.servedMillis();
  }

  /** Ends when the first configuration is warm and published. */
  public CompletionStage<@Nullable Void> ready() {
    return ready.minimalCompletionStage();
  }

  private void subscribe(
      ConfigSource source, ResourceType<?> type, Set<String> names, Duration fetchTimeout) {
    Set<String> dropped = statuses.wanted(source, type, names);
    sources.subscribe(source, type, names, fetchTimeout);
    meters.forget(type, dropped);
  }

  private void publish(ResourceSet resources) {
    held = resources;
    store
        .update(resources)
        .whenComplete((outcome, failure) -> {
          if (failure == null) {
            ready.complete(null);
            executor.execute(() -> {
              lastGood.published(outcome.resources());
              statuses.published(outcome.resources(), outcome.rejected());
              meters.rejected(outcome.rejected());
            });
          } else if (!(failure instanceof CancellationException)) {
            LOG.error("what the control plane sent is not used: {}", failure.getMessage());
          }
        });
  }

  /** Ends all streams; what is published serves on. */
  @Override
  public void close() {
    executor.execute(sources::close);
  }

  /** Certificates are read where they are told of, so that what cannot be used is refused. */
  private final class Check implements ResourceCheck {
    private final ConfigLoader loader;
    private final LongSupplier epochMillis;

    Check(ConfigLoader loader, LongSupplier epochMillis) {
      this.loader = loader;
      this.epochMillis = epochMillis;
    }

    @Override
    public List<ConfigError> check(ResourceType<?> type, Offered<? extends Message> offered) {
      return check(type, offered, Stream::empty);
    }

    @Override
    public List<ConfigError> check(
        ResourceType<?> type,
        Offered<? extends Message> offered,
        Supplier<Stream<Offered<? extends Message>>> others) {
      List<ConfigError> errors = loader.check(type, offered, held, others);
      if (!errors.isEmpty() || !(offered.message() instanceof Secret secret)) {
        return errors;
      }
      ConfigErrors found = new ConfigErrors();
      Scope scope = new Scope(offered.path(), found);
      Secrets.Parts parts = Secrets.parts(secret, scope);
      TlsContexts.check(scope, parts.certificate(), parts.validation(), epochMillis.getAsLong());
      return found.list();
    }
  }
}
