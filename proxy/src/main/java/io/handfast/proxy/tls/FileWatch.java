package io.handfast.proxy.tls;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that files may have changed: when the directory of one of them does, and every {@link
 * #POLL_SECONDS} in any case, for a link on the way to a file may have been turned elsewhere. Has a
 * thread of its own, on which everything is read again. Thread-safe.
 */
public final class FileWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
  static final long POLL_SECONDS = 10;

  private final String thread;
  private final String what;
  private final Runnable onChange;
  private final Map<Path, Optional<WatchKey>> directories = new HashMap<>();
  private @Nullable WatchService service;
  private boolean closed;

  /**
   * @param thread what its thread is called
   * @param what is watched, for people
   * @param onChange called on that thread; may read files
   */
  public FileWatch(String thread, String what, Runnable onChange) {
    this.thread = thread;
    this.what = what;
    this.onChange = onChange;
  }

  /** Watches a directory, or that of a file. */
  public synchronized void add(Path path) {
    Path directory = directory(path);
    if (directory != null && !directories.containsKey(directory)) {
      directories.put(directory, service == null ? Optional.empty() : register(service, directory));
    }
  }

  /** Watches no other directories but those of these. */
  public synchronized void retain(Set<Path> paths) {
    Set<Path> needed = new HashSet<>();
    for (Path path : paths) {
      Path directory = directory(path);
      if (directory != null) {
        needed.add(directory);
      }
    }
    directories
        .entrySet()
        .removeIf(watched -> {
          boolean gone = !needed.contains(watched.getKey());
          if (gone) {
            watched.getValue().ifPresent(WatchKey::cancel);
          }
          return gone;
        });
  }

  private static @Nullable Path directory(Path path) {
    Path absolute = path.toAbsolutePath();
    return Files.isDirectory(absolute) ? absolute : absolute.getParent();
  }

  /** How many directories are watched. */
  public synchronized int size() {
    return directories.size();
  }

  /** Begins, if there is anything to watch and it has not begun. */
  public synchronized void start() {
    if (closed || service != null || directories.isEmpty()) {
      return;
    }
    try {
      WatchService fresh = FileSystems.getDefault().newWatchService();
      directories.replaceAll((directory, _) -> register(fresh, directory));
      service = fresh;
      Thread.ofPlatform().name(thread).daemon().start(() -> run(fresh));
    } catch (IOException e) {
      LOG.warn("{} are not watched: {}", what, e.getMessage());
    }
  }

  /** Empty if it cannot be watched. */
  private static Optional<WatchKey> register(WatchService service, Path directory) {
    try {
      return Optional.of(
          directory.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE));
    } catch (IOException e) {
      LOG.warn(
          "directory not watched, its files are looked at every {} s: directory={} reason={}",
          POLL_SECONDS,
          directory,
          e.getMessage());
      return Optional.empty();
    }
  }

  private void run(WatchService watched) {
    try {
      while (true) {
        WatchKey key = watched.poll(POLL_SECONDS, TimeUnit.SECONDS);
        while (key != null) {
          key.pollEvents();
          key.reset();
          key = watched.poll();
        }
        onChange.run();
      }
    } catch (ClosedWatchServiceException e) {
      LOG.debug("the watch has ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        LOG.debug("the watch could not be closed: {}", e.getMessage());
      }
    }
  }
}
