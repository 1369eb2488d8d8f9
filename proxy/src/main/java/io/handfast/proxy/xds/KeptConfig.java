package io.handfast.proxy.xds;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Stats;
import io.handfast.xds.cache.CacheException;
import io.handfast.xds.cache.CacheOwner;
import io.handfast.xds.cache.ConfigCache;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The last good configuration on disk, with a thread of its own that waits for the disk, and what
 * is counted of it. Thread-safe.
 */
public final class KeptConfig implements AutoCloseable {

  /** How long the end waits for what is being written. */
  private static final long PATIENCE_SECONDS = 2;

  private final ConfigCache cache;
  private final ScheduledExecutorService disk;

  KeptConfig(ConfigCache cache, ScheduledExecutorService disk) {
    this.cache = cache;
    this.disk = disk;
  }

  /**
   * Takes the directory for this process.
   *
   * @param process whose configuration it is
   * @param nanoTime monotonic
   * @throws CacheException if it cannot be written, or another process uses it
   */
  public static KeptConfig open(
      Path directory, Bootstrap process, Stats stats, LongSupplier nanoTime) throws CacheException {
    ScheduledExecutorService disk =
        Executors.newSingleThreadScheduledExecutor(
            new DefaultThreadFactory("handfast-config-cache", true));
    boolean opened = false;
    try {
      ConfigCache cache =
          ConfigCache.open(directory, CacheOwner.of(process), disk, nanoTime, new Counted(stats));
      opened = true;
      return new KeptConfig(cache, disk);
    } finally {
      if (!opened) {
        disk.shutdown();
      }
    }
  }

  /** What saves and loads it. */
  public ConfigCache cache() {
    return cache;
  }

  /** Waits for what is being written. */
  @Override
  public void close() {
    cache.close();
    disk.shutdown();
    try {
      disk.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Counted implements ConfigCache.Events {
    private final Counter saved;
    private final Counter failed;

    Counted(Stats stats) {
      saved = stats.counter("handfast.config_cache.save_success");
      failed = stats.counter("handfast.config_cache.save_failure");
    }

    @Override
    public void saved() {
      saved.inc();
    }

    @Override
    public void failed() {
      failed.inc();
    }
  }
}
