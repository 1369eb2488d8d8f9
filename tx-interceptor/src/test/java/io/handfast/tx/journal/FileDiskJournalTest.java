package io.handfast.tx.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.journal.disk.Disk;
import io.handfast.tx.journal.disk.FileDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on real files, and what only those have: modes, locks between processes. */
final class FileDiskJournalTest extends JournalContract {

  @TempDir Path temporary = Path.of("");

  @Override
  Disk disk() {
    return new FileDisk(directory());
  }

  @Override
  JournalOptions options() {
    return JournalOptions.of(directory()).withSegmentBytes(4096).withSpace(1 << 20, 0);
  }

  private Path directory() {
    return temporary.resolve("var/journal");
  }

  @Test
  void shouldLetNobodyElseReadDirectoryAndFiles() throws Exception {
    // When
    open(new ArrayList<>()).close();

    // Then
    assertThat(mode(directory())).isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(directory())) {
      List<Path> all = files.toList();
      assertThat(all)
          .extracting(path -> path.getFileName().toString())
          .contains("lock", "store", "0000000000000001.seg");
      for (Path file : all) {
        assertThat(mode(file)).as("%s", file).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void shouldRefuseWhenAnotherProcessHasTheDirectory() throws Exception {
    // Given
    open(new ArrayList<>()).close();
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                directory().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("locked");

      // When, Then
      assertThatThrownBy(() -> open(new ArrayList<>()))
          .isInstanceOf(JournalOpenException.Locked.class)
          .hasMessageContaining(directory() + " is in use");
    } finally {
      other.destroyForcibly();
      other.waitFor();
    }

    // Then: the lock goes with the process.
    open(new ArrayList<>()).close();
  }

  @Test
  void shouldSayWhatIsWrongWhenDirectoryIsAFile() throws Exception {
    // Given
    Files.createDirectories(directory().getParent());
    Files.writeString(directory(), "not a directory");

    // When, Then
    assertThatThrownBy(() -> open(new ArrayList<>()))
        .isInstanceOf(JournalOpenException.Io.class)
        .hasMessageContaining("journal directory: " + directory())
        .hasMessageContaining("expected: a directory that this process may read and write");
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
