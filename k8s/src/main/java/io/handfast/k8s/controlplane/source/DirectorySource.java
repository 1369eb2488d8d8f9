package io.handfast.k8s.controlplane.source;

import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.InvalidConfigException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resources of a directory of YAML and JSON files, read again when one of them changes and has
 * rested for a moment. If the directory itself cannot be read, what it had stays. Thread-safe; has
 * a thread of its own.
 */
public final class DirectorySource implements ResourceSource {
  private static final Logger LOG = LoggerFactory.getLogger(DirectorySource.class);

  /** How long nothing must have changed before it is read: whoever writes has then written. */
  static final Duration REST = Duration.ofMillis(100);

  /** It is read after so long even if there is no rest. */
  static final Duration MAX_UNREST = Duration.ofSeconds(2);

  /** It is read again in any case: what a link leads to changes unseen. */
  static final Duration RESCAN = Duration.ofSeconds(10);

  private final Path directory;
  private final DirectoryReader reader;
  private final Library library;
  private final LongSupplier nanoTime;
  private final Duration rescan;
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private @Nullable WatchService watch;
  private Findings last = new Findings(Snapshot.EMPTY, Map.of(), List.of());

  /**
   * @param nanoTime monotonic
   */
  public DirectorySource(Path directory, ResourceValidator validator, LongSupplier nanoTime) {
    this(directory, validator, nanoTime, RESCAN);
  }

  /**
   * @param rescan how long it rests at most until it is read again
   */
  DirectorySource(
      Path directory, ResourceValidator validator, LongSupplier nanoTime, Duration rescan) {
    this.directory = directory;
    this.reader = new DirectoryReader(directory);
    this.library = new Library(validator);
    this.nanoTime = nanoTime;
    this.rescan = rescan;
  }

  @Override
  public synchronized Findings start(Consumer<Findings> changed) throws InvalidConfigException {
    WatchService service = begin();
    List<ConfigError> errors = last.refused().values().stream().flatMap(List::stream).toList();
    if (!errors.isEmpty()) {
      close();
      throw new InvalidConfigException(errors);
    }
    Findings first = last;
    Thread.ofPlatform().name("handfast-directory").daemon().start(() -> run(service, changed));
    return first;
  }

  private WatchService begin() throws InvalidConfigException {
    try {
      WatchService service = directory.getFileSystem().newWatchService();
      watch = service;
      // Watched first: what changes while it is read is seen.
      register(service, Set.of(directory));
      last = read(service);
      return service;
    } catch (IOException e) {
      close();
      throw new InvalidConfigException(directory.toString(), reason(e));
    }
  }

  private void run(WatchService service, Consumer<Findings> changed) {
    try {
      while (true) {
        awaitChange(service);
        Findings next = look(service);
        if (!next.snapshot().isSame(last.snapshot())
            || !next.refused().equals(last.refused())
            || !next.warnings().equals(last.warnings())) {
          last = next;
          changed.accept(next);
        }
      }
    } catch (ClosedWatchServiceException e) {
      LOG.debug("the watch has ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until something has changed and has rested, or it is time to look anyway. */
  private void awaitChange(WatchService service) throws InterruptedException {
    WatchKey key = service.poll(rescan.toMillis(), TimeUnit.MILLISECONDS);
    long begun = nanoTime.getAsLong();
    while (key != null && nanoTime.getAsLong() - begun < MAX_UNREST.toNanos()) {
      key.pollEvents();
      if (!key.reset()) {
        watched.values().remove(key);
      }
      key = service.poll(REST.toMillis(), TimeUnit.MILLISECONDS);
    }
    if (key != null) {
      key.reset();
    }
  }

  private Findings look(WatchService service) {
    try {
      return read(service);
    } catch (IOException e) {
      return new Findings(
          last.snapshot(),
          Map.of(directory.toString(), List.of(new ConfigError(directory.toString(), reason(e)))),
          List.of());
    }
  }

  private Findings read(WatchService service) throws IOException {
    DirectoryReader.Contents contents = reader.read();
    if (register(service, contents.directories())) {
      // What came into a directory before it was watched.
      contents = reader.read();
    }
    return library.update(contents.files());
  }

  /** Whether any of them was not watched before. */
  private boolean register(WatchService service, Set<Path> directories) throws IOException {
    boolean any = false;
    for (Path each : directories) {
      if (Optional.ofNullable(watched.get(each)).filter(WatchKey::isValid).isPresent()) {
        continue;
      }
      watched.put(
          each,
          each.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE));
      any = true;
    }
    watched
        .entrySet()
        .removeIf(each -> {
          boolean gone = !each.getKey().equals(directory) && !directories.contains(each.getKey());
          if (gone) {
            each.getValue().cancel();
          }
          return gone;
        });
    return any;
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "no such directory (expected: a directory of resources)";
      case NotDirectoryException _ -> "not a directory (expected: a directory of resources)";
      case FileSystemLoopException loop ->
          "cannot be read: "
              + loop.getFile()
              + " leads to a directory that it is in (expected: links without circles)";
      case AccessDeniedException denied ->
          "cannot be read: "
              + denied.getFile()
              + ": permission denied (expected: that this user may read it)";
      default -> "cannot be read: " + failure.getMessage();
    };
  }

  @Override
  public synchronized void close() {
    WatchService service = watch;
    if (service == null) {
      return;
    }
    try {
      service.close();
    } catch (IOException e) {
      LOG.debug("the watch could not be closed: {}", e.getMessage());
    }
  }
}
