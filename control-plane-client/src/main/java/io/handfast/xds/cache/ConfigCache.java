package io.handfast.xds.cache;

import io.handfast.xds.store.ResourceSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the last good configuration in a directory. Thread-safe: {@link #save} never waits for the
 * disk, {@link #load} does.
 *
 * <p>At most one configuration is written in {@link #INTERVAL}, the newest; one that comes after a
 * quiet time is written at once. What cannot be written is told and counted, and the one before
 * stays whole.
 */
public final class ConfigCache implements AutoCloseable {

  /** The least time between two writes. */
  public static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(ConfigCache.class);

  private final CacheDirectory directory;
  private final CacheOwner owner;
  private final ScheduledExecutorService executor;
  private final LongSupplier nanoTime;
  private final Events events;

  /** What is to be written next; guarded by this. */
  private @Nullable SavedConfig newest;

  /** The write that is on its way; guarded by this. */
  private @Nullable ScheduledFuture<?> scheduled;

  /** When the next one may be; guarded by this. */
  private long nextNanos;

  /** Whether the directory may be another process's by now; guarded by this. */
  private boolean closed;

  /** Of the last write; confined to the executor. */
  private String complaint = "";

  /** What is counted. Called on the executor. */
  public interface Events {

    /** A configuration is on the disk. */
    void saved();

    /** It could not be written. */
    void failed();
  }

  ConfigCache(
      CacheDirectory directory,
      CacheOwner owner,
      ScheduledExecutorService executor,
      LongSupplier nanoTime,
      Events events) {
    this.directory = directory;
    this.owner = owner;
    this.executor = executor;
    this.nanoTime = nanoTime;
    this.events = events;
    this.nextNanos = nanoTime.getAsLong();
  }

  /**
   * Takes a directory for itself, and makes it if it is not there.
   *
   * @param executor runs one task at a time; blocks on the disk
   * @param nanoTime monotonic
   * @throws CacheException if it cannot be written, or another process uses it
   */
  public static ConfigCache open(
      Path directory,
      CacheOwner owner,
      ScheduledExecutorService executor,
      LongSupplier nanoTime,
      Events events)
      throws CacheException {
    return new ConfigCache(CacheDirectory.open(directory), owner, executor, nanoTime, events);
  }

  /** Where it is written. */
  public Path file() {
    return directory.file();
  }

  /**
   * What an earlier process has saved; empty if there is nothing. Waits for the disk.
   *
   * @throws CacheException if it is damaged, or another owner's
   */
  public Optional<SavedConfig> load() throws CacheException {
    Optional<byte[]> bytes = directory.read();
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    SavedConfig saved = CacheFile.decode(bytes.get());
    Optional<String> problem = owner.problem(saved.owner());
    if (problem.isPresent()) {
      throw new CacheException(problem.get());
    }
    return Optional.of(saved);
  }

  /**
   * Writes what control planes have sent of that, soon; a later one takes its place until then.
   * Does nothing after the end.
   */
  public synchronized void save(ResourceSet resources, long epochMillis) {
    if (closed) {
      return;
    }
    newest = new SavedConfig(owner, epochMillis, resources);
    if (scheduled == null) {
      long delay = Math.max(0, nextNanos - nanoTime.getAsLong());
      scheduled = executor.schedule(this::write, delay, TimeUnit.NANOSECONDS);
    }
  }

  private synchronized @Nullable SavedConfig next() {
    SavedConfig next = newest;
    newest = null;
    scheduled = null;
    nextNanos = nanoTime.getAsLong() + INTERVAL.toNanos();
    return next;
  }

  private void write() {
    SavedConfig next = next();
    if (next == null) {
      return;
    }
    try {
      directory.replace(CacheFile.encode(next));
      if (!complaint.isEmpty()) {
        log.info("{}: written again", file());
        complaint = "";
      }
      log.debug("{}: written: {}", file(), next.summary());
      events.saved();
    } catch (CacheException e) {
      complain(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      complain(CacheDirectory.text(e));
    }
  }

  /** A restart would come up on what is there still; told once for each reason. */
  private void complain(String text) {
    events.failed();
    if (!text.equals(complaint)) {
      complaint = text;
      log.warn(
          "--config-cache-dir: {} cannot be written, what it held before stays: {}", file(), text);
    }
  }

  /** Writes what waits, and lets another process have the directory; by the executor. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (scheduled != null) {
        scheduled.cancel(false);
      }
    }
    executor.execute(() -> {
      write();
      try {
        directory.close();
      } catch (IOException e) {
        log.warn("{}: not closed: {}", file(), CacheDirectory.text(e));
      }
    });
  }
}
