package io.handfast.tx.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A journal of format version 1, kept as it was written when the format was fixed. What this fails
 * on, journals in the field fail on: a change of format needs a new version that still reads this
 * one. {@code -Dhandfast.journal.golden=DIRECTORY} writes the files anew.
 */
final class GoldenJournalTest {

  private static final String RESOURCES = "/io/handfast/tx/journal/golden-v1/";
  private static final List<String> FILES =
      List.of("store", SegmentHeader.fileName(2), SegmentHeader.fileName(3));

  @Test
  void shouldReplayGoldenJournal() throws Exception {
    // Given
    FakeDisk disk = new FakeDisk();
    for (String name : FILES) {
      disk.damage(name, golden(name));
    }

    // When
    TestJournal test = new TestJournal(disk);

    // Then
    assertThat(test.journal.storeId()).isEqualTo("bb0f1798a3773418bfc9945a02770b39");
    assertThat(test.journal.incarnation()).isEqualTo(3);
    assertThat(test.replayed)
        .hasSize(2 + 20)
        .startsWith("live:live one", "live:live two", "50:later 1")
        .endsWith("69:later 20");
    assertThat(test.forced("next")).isEqualTo(70);
  }

  @Test
  void shouldStillWriteTheSameBytes() throws Exception {
    // Given
    FakeDisk disk = write();
    String into = System.getProperty("handfast.journal.golden");

    // When
    List<String> files = disk.list();

    // Then
    if (into != null) {
      Path directory = Files.createDirectories(Path.of(into));
      for (String name : files) {
        Files.write(directory.resolve(name), disk.content(name));
      }
    }
    assertThat(files).containsExactlyInAnyOrderElementsOf(FILES);
    for (String name : files) {
      assertThat(disk.content(name)).as(name).isEqualTo(golden(name));
    }
  }

  /** Every kind of frame, a segment that is gone, one that was sealed by a restart. */
  private static FakeDisk write() throws JournalOpenException {
    FakeDisk disk = new FakeDisk();
    TestJournal first = new TestJournal(disk);
    for (int i = 1; i <= 48; i++) {
      first.forced("early %02d with some length to fill it".formatted(i));
      first.settle();
    }
    long last = first.journal.lastLsn();
    first.checkpoint(last, "live one", "live two");
    first.settle();
    first.journal.close();
    TestJournal second = new TestJournal(disk);
    for (int i = 1; i <= 20; i++) {
      second.lazy("later " + i);
    }
    second.journal.close();
    return disk;
  }

  private static byte[] golden(String name) throws Exception {
    try (InputStream in = GoldenJournalTest.class.getResourceAsStream(RESOURCES + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
