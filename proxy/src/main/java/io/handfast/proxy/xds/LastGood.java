package io.handfast.proxy.xds;

import io.handfast.proxy.stats.Gauge;
import io.handfast.proxy.stats.Stats;
import io.handfast.xds.cache.CacheException;
import io.handfast.xds.cache.ConfigCache;
import io.handfast.xds.cache.SavedConfig;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import io.handfast.xds.tree.ResourceTree;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good configuration: what an earlier process has saved serves when no control plane
 * answers at the start, and what control planes send is saved for the next one. Nothing is saved
 * while something old serves, so that its age stays true.
 *
 * <p>Confined to the executor of the clients; {@link #notice} and {@link #servedMillis} are for any
 * thread.
 */
final class LastGood {

  /** How long the first configuration is awaited of control planes that neither refuse nor tell. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(LastGood.class);

  private final Optional<ConfigCache> cache;
  private final ResourceTree tree;
  private final LongSupplier epochMillis;
  private final Gauge active;
  private Optional<SavedConfig> saved = Optional.empty();

  /** What serves, if an earlier process has saved it. */
  private volatile @Nullable SavedConfig serving;

  /** Of what serves or has served. */
  private volatile Optional<Long> servedMillis = Optional.empty();

  private @Nullable ResourceSet published;

  /**
   * @param cache empty if nothing is to be saved
   * @param epochMillis time of day
   */
  LastGood(Optional<ConfigCache> cache, ResourceTree tree, Stats stats, LongSupplier epochMillis) {
    this.cache = cache;
    this.tree = tree;
    this.epochMillis = epochMillis;
    this.active = stats.gauge("handfast.config_cache.active");
  }

  /** Reads what is saved; waits for the disk. */
  void load() {
    if (cache.isEmpty()) {
      return;
    }
    try {
      saved = cache.get().load();
      saved.ifPresent(it -> LOG.debug("{}: {}: {}", cache.get().file(), age(it), it.summary()));
    } catch (CacheException e) {
      LOG.warn(
          "--config-cache-dir: {} is not used: {}; the first configuration of a control plane is"
              + " awaited, and takes its place",
          cache.get().file(),
          e.getMessage());
    }
  }

  /** Lets what is saved serve, unless control planes have told of everything already. */
  void standIn(String why) {
    if (saved.isEmpty()) {
      return;
    }
    SavedConfig earlier = saved.get();
    saved = Optional.empty();
    if (!tree.isInitialised()) {
      serving = earlier;
      servedMillis = Optional.of(earlier.epochMillis());
      active.set(1);
      LOG.warn(
          "{}: the last good configuration serves, {}: {}", why, age(earlier), earlier.summary());
      tree.standIn(earlier.resources());
    }
  }

  /** What was published last. */
  void published(ResourceSet resources) {
    published = resources;
    if (serving == null) {
      save();
    }
  }

  private void save() {
    ResourceSet newest = published;
    if (newest != null) {
      cache.ifPresent(it -> it.save(newest, epochMillis.getAsLong()));
    }
  }

  private void settled() {
    if (serving != null && !tree.isStandingIn()) {
      serving = null;
      active.set(0);
      LOG.info("control planes have told of everything: the saved configuration serves no more");
      save();
    }
  }

  /** What people should know of what serves; empty if there is nothing to say. */
  Optional<String> notice() {
    return Optional.ofNullable(serving)
        .map(it ->
            "the last good configuration serves, "
                + age(it)
                + " ("
                + it.summary()
                + "): no control plane has told of everything yet");
  }

  /** When what an earlier process has saved was published, in milliseconds since 1970. */
  Optional<Long> servedMillis() {
    return servedMillis;
  }

  private String age(SavedConfig config) {
    Duration age = Duration.ofMillis(Math.max(0, epochMillis.getAsLong() - config.epochMillis()));
    return "of " + Instant.ofEpochMilli(config.epochMillis()) + ", " + age.toSeconds() + " s old";
  }

  /** Sees what a source tells, and that it tells nothing. */
  ResourceHandler watching(ResourceHandler handler) {
    return new Watching(handler);
  }

  private final class Watching implements ResourceHandler {
    private final ResourceHandler handler;

    Watching(ResourceHandler handler) {
      this.handler = handler;
    }

    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      CompletionStage<List<ResourceFault>> applied = handler.apply(update);
      settled();
      return applied;
    }

    @Override
    public void lost(Effect.Lost lost) {
      handler.lost(lost);
      settled();
    }

    @Override
    public void failed(Effect.Failed failed) {
      handler.failed(failed);
    }

    @Override
    public void unreachable() {
      standIn("no control plane can be reached");
    }

    @Override
    public void serverChanged() {
      handler.serverChanged();
    }
  }
}
