package io.handfast.tx.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import io.handfast.tx.journal.JournalOpenException.AnotherOwner;
import io.handfast.tx.journal.JournalOpenException.Backup;
import io.handfast.tx.journal.JournalOpenException.Damaged;
import io.handfast.tx.journal.JournalOpenException.Locked;
import io.handfast.tx.journal.JournalOpenException.Misplaced;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does to a journal that is stopped. */
final class JournalFilesTest {
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final JournalRuntime RUNTIME =
      new JournalRuntime(() -> 0, new Random(5), Runnable::run, stopped -> {});

  @TempDir private Path temporary = Path.of("");
  private Path directory = Path.of("");
  private Path copy = Path.of("");
  private String storeId = "";

  @BeforeEach
  void write() throws Exception {
    directory = temporary.resolve("journal");
    copy = temporary.resolve("copy");
    try (Journal journal = open(directory, "bank")) {
      storeId = journal.storeId();
      append(journal, "one");
      append(journal, "two");
    }
  }

  @Test
  void shouldTellWhoAndWhatWhenIntact() throws Exception {
    // When
    JournalReport report = JournalFiles.verify(directory);

    // Then
    assertThat(report.storeId()).isEqualTo(storeId);
    assertThat(report.owner()).isEqualTo("bank");
    assertThat(report.incarnation()).isEqualTo(1);
    assertThat(report.lastLsn()).isEqualTo(2);
    assertThat(report.segments()).hasSize(1);
    assertThat(report.cut()).isNull();
  }

  @Test
  void shouldSayWhatIsCutAndWhereWhenTheTailIsTorn() throws Exception {
    // Given
    long end = JournalFiles.verify(directory).segments().getFirst().bytes();
    byte[] content = Files.readAllBytes(directory.resolve(FIRST));
    content[(int) end + 3] = 9;
    content[(int) end + 30] = 1;
    Files.write(directory.resolve(FIRST), content);

    // When
    JournalReport report = JournalFiles.verify(directory);

    // Then
    JournalReport.Cut cut = requireNonNull(report.cut());
    assertThat(cut.file()).isEqualTo(directory.resolve(FIRST).toString());
    assertThat(cut.offset()).isEqualTo(end);
    assertThat(cut.bytes()).isEqualTo(31);
    assertThat(cut.afterLsn()).isEqualTo(2);
  }

  @Test
  void shouldNameFileAndOffsetWhenARecordThatWasDurableIsDamaged() throws Exception {
    // Given
    byte[] content = Files.readAllBytes(directory.resolve(FIRST));
    content[SegmentHeader.BYTES + Frame.HEADER_BYTES] ^= 1;
    Files.write(directory.resolve(FIRST), content);

    // When / Then
    assertThatThrownBy(() -> JournalFiles.verify(directory))
        .isInstanceOf(Damaged.class)
        .hasMessageContaining(FIRST + " at byte 64: the record is not intact");
    assertThatThrownBy(() -> JournalFiles.backup(directory, copy)).isInstanceOf(Damaged.class);
    assertThat(copy).doesNotExist();
  }

  @Test
  void shouldHandOutEveryFrame() throws Exception {
    // Given
    List<String> seen = new ArrayList<>();

    // When
    JournalFiles.dump(
        directory,
        (segment, offset, kind, lsn, durable, payload) ->
            seen.add(kind + " " + lsn + " " + new String(payload, UTF_8)));

    // Then
    assertThat(seen)
        .filteredOn(it -> it.startsWith("record"))
        .containsExactly("record 1 one", "record 2 two");
  }

  @Test
  void shouldRefuseWhileASidecarHasItOpen() throws Exception {
    try (Journal open = open(directory, "bank")) {
      assertThat(open.lastLsn()).isEqualTo(2);
      assertThatThrownBy(() -> JournalFiles.verify(directory)).isInstanceOf(Locked.class);
      assertThatThrownBy(() -> JournalFiles.backup(directory, copy))
          .isInstanceOf(Locked.class)
          .hasMessageContaining("is in use");
    }
  }

  @Test
  void shouldRefuseWhatIsNoJournal() {
    assertThatThrownBy(() -> JournalFiles.verify(copy))
        .isInstanceOf(Misplaced.class)
        .hasMessageContaining("there is no journal");
    assertThatThrownBy(() -> JournalFiles.restore(directory, copy, RUNTIME, (id, held) -> held))
        .isInstanceOf(Misplaced.class)
        .hasMessageContaining("it holds a journal and no backup");
  }

  @Test
  void shouldNotOpenABackupT13() throws Exception {
    // Given
    JournalFiles.backup(directory, copy);

    // When / Then
    assertThatThrownBy(() -> open(copy, "bank"))
        .isInstanceOf(Backup.class)
        .hasMessageContaining("handfast journal restore");
    assertThat(JournalFiles.verify(copy).storeId()).isEqualTo(storeId);
  }

  @Test
  void shouldDrawANewIdentityAndKnowTheFormerWhenRestoredT13() throws Exception {
    // Given
    JournalFiles.backup(directory, copy);
    Path restored = temporary.resolve("restored");

    // When
    JournalFiles.restore(
        copy,
        restored,
        RUNTIME,
        (id, held) -> {
          assertThat(id).isEqualTo(storeId);
          return held.subList(1, 2);
        });

    // Then
    List<String> replayed = new ArrayList<>();
    try (Journal journal =
        Journal.open(options(restored, "bank"), RUNTIME, TestJournal.recorder(replayed))) {
      assertThat(journal.storeId()).isNotEqualTo(storeId);
      assertThat(journal.formerIds()).containsExactly(storeId);
    }
    assertThat(replayed).containsExactly("live:two");
    assertThat(JournalFiles.verify(restored).formerIds()).containsExactly(storeId);
  }

  @Test
  void shouldRememberAllFormerIdentitiesWhenRestoredTwiceT13() throws Exception {
    // Given
    JournalFiles.backup(directory, copy);
    Path first = temporary.resolve("first");
    Path second = temporary.resolve("second");
    JournalFiles.restore(copy, first, RUNTIME, (id, held) -> held);
    String firstId = JournalFiles.verify(first).storeId();
    Path copyOfFirst = temporary.resolve("copy-of-first");
    JournalFiles.backup(first, copyOfFirst);

    // When
    JournalReport report =
        JournalFiles.restore(
            copyOfFirst,
            second,
            new JournalRuntime(() -> 0, new Random(6), Runnable::run, stopped -> {}),
            (id, held) -> held);

    // Then
    assertThat(report.formerIds()).containsExactly(storeId, firstId);
  }

  @Test
  void shouldNotOverwriteWhatIsThere() throws Exception {
    // Given
    JournalFiles.backup(directory, copy);

    // When / Then
    assertThatThrownBy(() -> JournalFiles.backup(directory, copy))
        .isInstanceOf(Misplaced.class)
        .hasMessageContaining("it is not empty");
    assertThatThrownBy(() -> JournalFiles.restore(copy, directory, RUNTIME, (id, held) -> held))
        .isInstanceOf(Misplaced.class)
        .hasMessageContaining("it exists");
  }

  @Test
  void shouldNameWhatARestoreThatDidNotEndHasLeft() throws Exception {
    // Given
    JournalFiles.backup(directory, copy);
    Path restored = temporary.resolve("restored");
    Path left = Files.createDirectory(temporary.resolve("restored.restoring"));
    Files.writeString(left.resolve("segment"), "half");

    // When / Then
    assertThatThrownBy(() -> JournalFiles.restore(copy, restored, RUNTIME, (id, held) -> held))
        .isInstanceOf(Misplaced.class)
        .hasMessageContaining(left.toString())
        .hasMessageContaining("a restore that did not end has left it")
        .hasMessageContaining("removed");
    assertThat(left.resolve("segment")).hasContent("half");
  }

  @Test
  void shouldReleaseTheDirectoryWhenAJournalCannotBeMadeInIt() throws Exception {
    // Given
    FakeDisk disk = new FakeDisk();
    disk.fillAfter(0);
    StoreFile store = StoreFile.drawn(new Random(1), List.of());

    // When
    assertThatThrownBy(() -> FileJournal.create(TestJournal.options(), RUNTIME, disk, store))
        .isInstanceOf(JournalOpenException.class);

    // Then
    assertThat(disk.lock()).isNotNull();
  }

  @Test
  void shouldRefuseTheJournalOfAnotherSidecar() throws Exception {
    // Given
    byte[] store = Files.readAllBytes(directory.resolve(StoreFile.NAME));

    // When / Then
    assertThatThrownBy(() -> open(directory, "shop"))
        .isInstanceOf(AnotherOwner.class)
        .hasMessageContaining("holds the journal of 'bank' (expected: that of 'shop', or none");
    assertThat(Files.readAllBytes(directory.resolve(StoreFile.NAME))).isEqualTo(store);
  }

  @Test
  void shouldRefuseAStoreFileOfALaterFormat() throws Exception {
    // Given: a line more than this version knows, its checksum right
    String body =
        "handfast-journal\nformat 3\nstore-id %s\nincarnation 1\nmood cheerful\n"
            .formatted(storeId);
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(UTF_8));
    Files.writeString(
        directory.resolve(StoreFile.NAME),
        body + "crc32c %08x\n".formatted(crc.getValue()),
        StandardOpenOption.TRUNCATE_EXISTING);

    // When / Then
    assertThatThrownBy(() -> open(directory, "bank"))
        .isInstanceOf(JournalOpenException.UnsupportedFormat.class)
        .hasMessageContaining("format version 3 (expected: at most 2");
  }

  private static Journal open(Path directory, String owner) throws JournalOpenException {
    return Journal.open(
        options(directory, owner), RUNTIME, TestJournal.recorder(new ArrayList<>()));
  }

  private static JournalOptions options(Path directory, String owner) {
    return JournalOptions.of(directory).withOwner(owner);
  }

  private static void append(Journal journal, String text) throws Exception {
    CompletableFuture<Long> told = new CompletableFuture<>();
    journal.append(
        Durability.FORCED,
        Need.ESSENTIAL,
        text.getBytes(UTF_8),
        Runnable::run,
        new AppendCallback() {
          @Override
          public void onDurable(long lsn) {
            told.complete(lsn);
          }

          @Override
          public void onFailed(long lsn, JournalFailure failure) {
            told.completeExceptionally(new AssertionError(failure.reason()));
          }
        });
    told.get();
  }
}
