package io.handfast.xds.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.xds.store.ManualExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigCacheTest {

  @TempDir private Path temporary;

  private final ManualExecutor executor = new ManualExecutor();
  private final List<String> events = new ArrayList<>();

  /** How many bytes the disk still takes. */
  private long room = Long.MAX_VALUE;

  @Test
  void shouldLoadWhatAnEarlierProcessSavedC5() throws CacheException, IOException {
    // Given
    Path directory = temporary.resolve("a/b");
    try (ConfigCache first = open(directory)) {
      assertThat(first.load()).isEmpty();
      first.save(CacheFileTest.some("a", "7"), 5_000);
      executor.advance(Duration.ZERO);
    }
    executor.run();

    // When
    try (ConfigCache second = open(directory)) {
      SavedConfig loaded = second.load().orElseThrow();

      // Then
      assertThat(loaded.epochMillis()).isEqualTo(5_000);
      assertThat(loaded.summary()).isEqualTo("clusters: 1 of version '7'");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(second.file())))
          .isEqualTo("rw-------");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwx------");
      assertThat(names(directory)).containsExactly("config-cache", "lock");
      assertThat(events).containsExactly("saved");
    }
  }

  @Test
  void shouldWriteTheNewestOnlyAndNotTooOftenC5() throws CacheException {
    // Given
    try (ConfigCache cache = open(temporary)) {
      cache.save(CacheFileTest.some("a", "1"), 1);
      cache.save(CacheFileTest.some("a", "2"), 2);
      executor.advance(Duration.ZERO);
      assertThat(loaded(cache)).isEqualTo("clusters: 1 of version '2'");

      // When
      for (int version = 3; version < 100; version++) {
        cache.save(CacheFileTest.some("a", "" + version), version);
      }
      executor.advance(ConfigCache.INTERVAL.minusNanos(1));

      // Then
      assertThat(events).hasSize(1);
      executor.advance(Duration.ofNanos(1));
      assertThat(events).hasSize(2);
      assertThat(loaded(cache)).isEqualTo("clusters: 1 of version '99'");
    }
  }

  @Test
  void shouldWriteWhatWaitsWhenItIsClosedC5() throws CacheException {
    // Given
    ConfigCache cache = open(temporary);
    cache.save(CacheFileTest.some("a", "1"), 1);
    executor.advance(Duration.ZERO);
    cache.save(CacheFileTest.some("a", "2"), 2);

    // When
    cache.close();
    executor.run();

    // Then
    try (ConfigCache next = open(temporary)) {
      assertThat(loaded(next)).isEqualTo("clusters: 1 of version '2'");
    }
  }

  @Test
  void shouldKeepTheOldOneWhenTheDiskIsFullAndGoOnWhenItIsNotC5()
      throws CacheException, IOException {
    // Given
    try (ConfigCache cache = open(temporary)) {
      cache.save(CacheFileTest.some("a", "1"), 1);
      executor.advance(Duration.ZERO);

      // When
      room = 20;
      cache.save(CacheFileTest.some("a", "2"), 2);
      executor.advance(ConfigCache.INTERVAL);

      // Then
      assertThat(events).containsExactly("saved", "failed");
      assertThat(loaded(cache)).isEqualTo("clusters: 1 of version '1'");
      assertThat(names(temporary)).containsExactly("config-cache", "lock");

      // And when there is room again
      room = Long.MAX_VALUE;
      cache.save(CacheFileTest.some("a", "3"), 3);
      executor.advance(ConfigCache.INTERVAL);
      assertThat(events).containsExactly("saved", "failed", "saved");
      assertThat(loaded(cache)).isEqualTo("clusters: 1 of version '3'");
    }
  }

  @Test
  void shouldNotUseWhatIsDamagedForeignOrUnreadableC5() throws CacheException, IOException {
    try (ConfigCache cache = open(temporary)) {
      // Given
      Files.writeString(cache.file(), "garbage");

      // When, Then
      assertThatThrownBy(cache::load)
          .isInstanceOf(CacheException.class)
          .hasMessageContaining("torn");
      SavedConfig foreign =
          new SavedConfig(new CacheOwner("other", "c", "s"), 1, CacheFileTest.some("a", "1"));
      Files.write(cache.file(), CacheFile.encode(foreign).array());
      assertThatThrownBy(cache::load).hasMessage("written for node.id 'other' (expected: 'n')");
      Files.setPosixFilePermissions(cache.file(), PosixFilePermissions.fromString("rw-rw-rw-"));
      assertThatThrownBy(cache::load)
          .hasMessage("may be written by everybody (expected: mode 0600)");
      Files.delete(cache.file());
      Files.createDirectory(cache.file());
      assertThatThrownBy(cache::load)
          .isInstanceOf(CacheException.class)
          .hasMessageContaining("cannot be read: ");
    }
  }

  @Test
  void shouldSaveOverWhatIsDamagedC5() throws CacheException, IOException {
    try (ConfigCache cache = open(temporary)) {
      // Given
      Files.writeString(cache.file(), "garbage");
      Files.writeString(temporary.resolve("config-cache.next"), "of a process that was killed");

      // When
      cache.save(CacheFileTest.some("a", "1"), 1);
      executor.advance(Duration.ZERO);

      // Then
      assertThat(loaded(cache)).isEqualTo("clusters: 1 of version '1'");
    }
  }

  @Test
  void shouldRefuseADirectoryThatCannotBeWrittenC5() throws IOException, CacheException {
    // Given
    Path file = Files.createFile(temporary.resolve("file"));
    Path open = Files.createDirectory(temporary.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

    // When, Then
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(CacheException.class)
        .hasMessageStartingWith(file + " cannot be written: ");
    assertThatThrownBy(() -> open(open))
        .hasMessage(open + " may be written by everybody (expected: a directory of its own)");
    try (ConfigCache first = open(temporary)) {
      assertThat(first.load()).isEmpty();
      assertThatThrownBy(() -> open(temporary))
          .hasMessage(temporary + " is used by another process (expected: a directory for each)");
    }
  }

  @Test
  void shouldWriteNothingOnceTheDirectoryMayBeAnothersC5() throws CacheException {
    // Given
    ConfigCache cache = open(temporary);
    cache.save(CacheFileTest.some("a", "1"), 1);
    executor.advance(Duration.ZERO);
    cache.save(CacheFileTest.some("a", "2"), 2);

    // When
    cache.close();
    cache.save(CacheFileTest.some("a", "3"), 3);
    executor.run();

    // Then
    assertThat(executor.pendingTimers()).isZero();
    try (ConfigCache next = open(temporary)) {
      cache.save(CacheFileTest.some("a", "4"), 4);
      executor.advance(ConfigCache.INTERVAL);
      assertThat(loaded(next)).isEqualTo("clusters: 1 of version '2'");
    }
  }

  @Test
  void shouldComeUpOnWhatIsSavedThoughTheDiskIsFullC5() throws CacheException {
    // Given
    try (ConfigCache first = open(temporary)) {
      first.save(CacheFileTest.some("a", "1"), 1);
      executor.advance(Duration.ZERO);
    }
    executor.run();

    // When
    room = 0;
    try (ConfigCache second = open(temporary)) {

      // Then
      assertThat(loaded(second)).isEqualTo("clusters: 1 of version '1'");
      second.save(CacheFileTest.some("a", "2"), 2);
      executor.advance(ConfigCache.INTERVAL);
      assertThat(events).containsExactly("saved", "failed");
    }
  }

  @Test
  void shouldFollowALinkToTheDirectoryC5() throws CacheException, IOException {
    // Given
    Path real = Files.createDirectory(temporary.resolve("real"));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), real);

    // When
    try (ConfigCache cache = open(link)) {
      cache.save(CacheFileTest.some("a", "1"), 1);
      executor.advance(Duration.ZERO);

      // Then
      assertThat(names(real)).containsExactly("config-cache", "lock");
      assertThatThrownBy(() -> open(real)).hasMessageContaining("is used by another process");
    }
  }

  private ConfigCache open(Path directory) throws CacheException {
    return new ConfigCache(
        CacheDirectory.open(directory, this::output),
        CacheFileTest.OWNER,
        executor,
        executor::nanoTime,
        new ConfigCache.Events() {
          @Override
          public void saved() {
            events.add("saved");
          }

          @Override
          public void failed() {
            events.add("failed");
          }
        });
  }

  /** A real file on a disk that may be full. */
  private CacheDirectory.Output output(Path file) throws IOException {
    CacheDirectory.Output real = CacheDirectory.realOutput(file);
    return new CacheDirectory.Output() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        int fits = (int) Math.min(room, bytes.remaining());
        boolean all = fits == bytes.remaining();
        real.write(bytes.slice(bytes.position(), fits));
        if (!all) {
          throw new IOException("No space left on device");
        }
      }

      @Override
      public void force() throws IOException {
        real.force();
      }

      @Override
      public void close() throws IOException {
        real.close();
      }
    };
  }

  private static String loaded(ConfigCache cache) throws CacheException {
    Optional<SavedConfig> loaded = cache.load();
    return loaded.orElseThrow().summary();
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
