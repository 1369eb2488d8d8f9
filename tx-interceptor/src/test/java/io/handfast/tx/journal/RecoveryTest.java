package io.handfast.tx.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.journal.JournalOpenException.Damaged;
import io.handfast.tx.journal.JournalOpenException.UnsupportedFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a restart makes of what a crash, or something worse, has left. */
final class RecoveryTest {

  private static final String FIRST = SegmentHeader.fileName(1);
  private static final List<String> TWO = List.of("1:first", "2:second");
  private static final List<String> THREE = List.of("1:first", "2:second", "3:third");

  private final FakeDisk disk = new FakeDisk();

  @Test
  void shouldRecoverPrefixWhenLastRecordIsCutAtAnyByte() throws Exception {
    // Given
    byte[] whole = threeRecordsWithoutMark();
    int start = whole.length - Frame.HEADER_BYTES - "third".length();

    for (int length = start; length <= whole.length; length++) {
      // When
      disk.damage(FIRST, Arrays.copyOf(whole, length));
      FakeDisk next = disk.restart();
      TestJournal reopened = new TestJournal(next);

      // Then
      List<String> expected = length == whole.length ? THREE : TWO;
      assertThat(reopened.replayed).as("cut at byte %d", length).isEqualTo(expected);
      assertGoesOn(reopened, next, expected);
    }
  }

  @Test
  void shouldRecoverPrefixWhenAnyByteOfLastRecordIsFlipped() throws Exception {
    // Given
    byte[] whole = threeRecordsWithoutMark();
    int start = whole.length - Frame.HEADER_BYTES - "third".length();

    for (int at = start; at < whole.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        // When
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << bit);
        disk.damage(FIRST, flipped);
        FakeDisk next = disk.restart();
        TestJournal reopened = new TestJournal(next);

        // Then
        assertThat(reopened.replayed).as("byte %d, bit %d", at, bit).isEqualTo(TWO);
        assertGoesOn(reopened, next, TWO);
      }
    }
  }

  @Test
  void shouldRecoverWhenNewestSegmentIsTornWhileCreated_anyByteCutOrFlipped() throws Exception {
    // Given
    byte[] first = threeRecordsWithoutMark();
    ByteBuffer header = ByteBuffer.allocate(SegmentHeader.BYTES);
    StoreFile store = StoreFile.read(disk);
    new SegmentHeader(store.storeId(), 2, 4, first.length, 1).encode(header);

    for (int at = 0; at < SegmentHeader.BYTES; at++) {
      byte[] flipped = header.array().clone();
      flipped[at] ^= 0x10;
      for (byte[] torn : List.of(Arrays.copyOf(header.array(), at), flipped)) {
        // When
        disk.damage(FIRST, first);
        disk.damage(SegmentHeader.fileName(2), torn);
        FakeDisk next = disk.restart();
        TestJournal reopened = new TestJournal(next);

        // Then
        assertThat(reopened.replayed).as("header byte %d", at).isEqualTo(THREE);
        assertGoesOn(reopened, next, THREE);
      }
    }
  }

  @Test
  void shouldRecoverWhenHeaderOfTheOnlySegmentIsTornAndItIsEmpty() throws Exception {
    // Given
    new TestJournal(disk);
    byte[] header = disk.content(FIRST);

    for (int length = 0; length < header.length; length++) {
      // When
      disk.damage(FIRST, Arrays.copyOf(header, length));
      FakeDisk next = disk.restart();
      TestJournal reopened = new TestJournal(next);

      // Then
      assertThat(reopened.replayed).isEmpty();
      assertGoesOn(reopened, next, List.of());
    }
  }

  @Test
  void shouldRefuseWhenHeaderIsBrokenAndRecordsFollow() throws Exception {
    // Given
    byte[] whole = threeRecordsWithoutMark();
    whole[30] ^= 1;

    // When
    disk.damage(FIRST, whole);

    // Then
    assertDamaged(FIRST, 0);
  }

  @Test
  void shouldRefuseWhenRecordInTheMiddleIsDamaged() throws Exception {
    // Given
    byte[] whole = threeRecordsWithoutMark();
    int second = SegmentHeader.BYTES + Frame.HEADER_BYTES + "first".length();
    int third = second + Frame.HEADER_BYTES + "second".length();

    for (int at = second; at < third; at++) {
      // When
      byte[] flipped = whole.clone();
      flipped[at] ^= 4;
      disk.damage(FIRST, flipped);

      // Then
      assertDamaged(FIRST, second);
      assertThat(disk.content(FIRST)).as("nothing was changed").isEqualTo(flipped);
    }
  }

  @Test
  void shouldRefuseWhenLastRecordIsDamagedThatWasToldDurable() throws Exception {
    // Given: the idle writer has marked that all three are durable.
    threeRecordsWithoutMark();
    byte[] marked = disk.content(FIRST);
    int third = marked.length - 2 * Frame.HEADER_BYTES - "third".length();

    // When
    marked[third + Frame.HEADER_BYTES] ^= 1;
    disk.damage(FIRST, marked);

    // Then
    assertDamaged(FIRST, third);
  }

  @Test
  void shouldCutWholeGroupWhenItWasWrittenOutOfOrderAndNeverForced() throws Exception {
    // Given: two records of one unforced group, of which only the second reached the disk.
    TestJournal test = new TestJournal(disk);
    test.forced("first");
    test.settle();
    int end = disk.content(FIRST).length;
    test.lazy("second");
    test.lazy("third");
    test.settle();
    byte[] torn = disk.content(FIRST);
    Arrays.fill(torn, end, end + Frame.HEADER_BYTES, (byte) 0);

    // When
    disk.damage(FIRST, torn);
    FakeDisk next = disk.restart();
    TestJournal reopened = new TestJournal(next);

    // Then
    assertThat(reopened.replayed).containsExactly("1:first");
    assertGoesOn(reopened, next, List.of("1:first"));
  }

  @Test
  void shouldRefuseWhenSealedSegmentIsDamagedOrShort() throws Exception {
    // Given
    fill(disk, 200);
    byte[] sealed = disk.content(FIRST);

    // When
    byte[] flipped = sealed.clone();
    flipped[sealed.length - 1] ^= 1;
    disk.damage(FIRST, flipped);

    // Then
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOf(Damaged.class)
        .hasMessageContaining(FIRST)
        .hasMessageContaining("the record is not intact");

    // When
    disk.damage(FIRST, Arrays.copyOf(sealed, sealed.length - 1));

    // Then
    assertDamaged(FIRST, sealed.length - 1L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldRefuseWhenSegmentIsMissing(int number) throws Exception {
    // Given
    fill(disk, 300);
    assertThat(disk.list()).contains(SegmentHeader.fileName(4));

    // When
    disk.lose(SegmentHeader.fileName(number));

    // Then
    assertDamaged(SegmentHeader.fileName(number), 0);
  }

  @Test
  void shouldRefuseWhenSegmentOfTheLastOpenIsMissing() throws Exception {
    // Given: the second open has sealed the first segment and begun the second.
    fill(disk, 1);
    TestJournal second = new TestJournal(disk.restart());
    second.journal.close();
    FakeDisk next = disk.restart();
    FakeDisk opened = next;
    new TestJournal(opened).journal.close();
    String newest = opened.list().stream().filter(name -> name.endsWith(".seg")).toList().getLast();

    // When
    opened.lose(newest);

    // Then
    assertThatThrownBy(() -> new TestJournal(opened.restart()))
        .isInstanceOf(Damaged.class)
        .hasMessageContaining(newest)
        .hasMessageContaining("missing");
  }

  @Test
  void shouldRefuseWhenAllSegmentsAreMissing() throws Exception {
    // Given
    fill(disk, 1);

    // When
    disk.lose(FIRST);

    // Then
    assertDamaged(FIRST, 0);
  }

  @Test
  void shouldRefuseWhenStoreFileIsMissingOrBrokenAtAnyByte() throws Exception {
    // Given
    fill(disk, 1);
    byte[] store = disk.content(StoreFile.NAME);

    for (int at = 0; at < store.length; at++) {
      // When
      byte[] flipped = store.clone();
      flipped[at] ^= 2;
      disk.damage(StoreFile.NAME, flipped);

      // Then
      assertDamaged(StoreFile.NAME, 0);
    }

    // When
    disk.lose(StoreFile.NAME);

    // Then
    assertDamaged(StoreFile.NAME, 0);
  }

  @Test
  void shouldRefuseSegmentOfAnotherStore() throws Exception {
    // Given
    fill(disk, 1);
    FakeDisk other = new FakeDisk();
    fill(other, 1);
    StoreFile store = StoreFile.read(other);
    new StoreFile(new java.util.UUID(1, 2), store.incarnation()).write(other);

    // When
    other.damage(FIRST, disk.content(FIRST));

    // Then
    assertThatThrownBy(() -> new TestJournal(other.restart()))
        .isInstanceOf(Damaged.class)
        .hasMessageContaining("of store");
  }

  @Test
  void shouldRefuseNewerFormatInSegmentWithWhatToDo() throws Exception {
    // Given
    fill(disk, 1);
    ByteBuffer content = ByteBuffer.wrap(disk.content(FIRST));
    content.putInt(8, SegmentHeader.FORMAT + 1);
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate().position(0).limit(60));
    content.putInt(60, (int) crc.getValue());

    // When
    disk.damage(FIRST, content.array());

    // Then
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("format version 2 (expected: at most 1; start the version");
  }

  @Test
  void shouldRefuseNewerFormatInStoreFileWithWhatToDo() throws Exception {
    // Given
    fill(disk, 1);
    String body = "handfast-journal\nformat 7\nshape unknown\n";
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));

    // When
    String text = body + "crc32c %08x\n".formatted((int) crc.getValue());
    disk.damage(StoreFile.NAME, text.getBytes(StandardCharsets.US_ASCII));

    // Then
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOfSatisfying(
            UnsupportedFormat.class,
            e -> {
              assertThat(e.found()).isEqualTo(7);
              assertThat(e.supported()).isEqualTo(1);
            });
  }

  @Test
  void shouldKeepIdentityAndCountOpens() throws Exception {
    // Given
    TestJournal first = new TestJournal(disk);
    String id = first.journal.storeId();
    first.journal.close();

    // When
    TestJournal second = new TestJournal(disk.crash(new Random(1)));

    // Then
    assertThat(id).matches("[0-9a-f]{32}");
    assertThat(second.journal.storeId()).isEqualTo(id);
    assertThat(first.journal.incarnation()).isEqualTo(1);
    assertThat(second.journal.incarnation()).isEqualTo(2);
  }

  @Test
  void shouldRecoverWhenPowerFailsAtAnyStepOfTheFirstOpen() throws Exception {
    // Given
    new TestJournal(disk);
    int steps = disk.operations();

    for (int step = 0; step < steps; step++) {
      // When
      FakeDisk fresh = new FakeDisk();
      fresh.dieAfter(step, 20);
      assertThatThrownBy(() -> new TestJournal(fresh)).isInstanceOf(JournalOpenException.Io.class);
      FakeDisk next = fresh.crash(new Random(step));
      TestJournal reopened = new TestJournal(next);

      // Then
      assertThat(reopened.replayed).as("step %d", step).isEmpty();
      assertGoesOn(reopened, next, List.of());
    }
  }

  @Test
  void shouldRecoverSamePrefixWhenPowerFailsAtAnyStepOfARecovery() throws Exception {
    // Given: two forced, one written lazily and torn.
    byte[] whole = threeRecordsWithoutMark();
    byte[] torn = Arrays.copyOf(whole, whole.length - 2);
    byte[] store = disk.content(StoreFile.NAME);
    disk.damage(FIRST, torn);
    FakeDisk counted = disk.restart();
    new TestJournal(counted);
    int steps = counted.operations();

    for (int step = 0; step < steps; step++) {
      for (int seed = 0; seed < 8; seed++) {
        // When
        FakeDisk first = new FakeDisk();
        first.damage(FIRST, torn);
        first.damage(StoreFile.NAME, store);
        first.dieAfter(step, 30);
        assertThatThrownBy(() -> new TestJournal(first))
            .isInstanceOf(JournalOpenException.Io.class);
        FakeDisk next = first.crash(new Random(seed));
        TestJournal reopened = new TestJournal(next);

        // Then
        assertThat(reopened.replayed).as("step %d, seed %d", step, seed).isEqualTo(TWO);
        assertGoesOn(reopened, next, TWO);
      }
    }
  }

  @Test
  void shouldNotPileUpSegmentsWhenOpenedOftenWithoutWriting() throws Exception {
    // Given
    FakeDisk current = disk;
    fill(current, 3);

    // When
    for (int i = 0; i < 20; i++) {
      current = current.restart();
      new TestJournal(current).journal.close();
    }

    // Then
    assertThat(current.list()).hasSizeLessThanOrEqualTo(4);
    assertThat(new TestJournal(current.restart()).replayed).hasSize(3);
  }

  @Test
  void shouldNameFileAndOffsetWhenVisitorRejectsRecord() throws Exception {
    // Given
    fill(disk, 2);
    ReplayVisitor picky =
        new ReplayVisitor() {
          @Override
          public void onCheckpointed(long uptoLsn, byte[] payload) {}

          @Override
          public void onRecord(long lsn, byte[] payload) {
            if (lsn == 2) {
              throw new IllegalArgumentException("kind: 99 (expected: 1 to 8)");
            }
          }
        };
    JournalRuntime runtime =
        new JournalRuntime(() -> 0, new Random(1), Runnable::run, failure -> {});
    FakeDisk next = disk.restart();

    // When, Then
    assertThatThrownBy(() -> FileJournal.openStepped(TestJournal.options(), runtime, next, picky))
        .isInstanceOf(JournalOpenException.Rejected.class)
        .hasMessageContaining("fake/0000")
        .hasMessageContaining("kind: 99");
    assertThat(new TestJournal(next).replayed).as("the lock was released").hasSize(2);
  }

  /** Three records, each forced on its own; the content ends with the third. */
  private byte[] threeRecordsWithoutMark() throws JournalOpenException {
    TestJournal test = new TestJournal(disk);
    for (String text : List.of("first", "second", "third")) {
      test.forced(text);
      test.settle();
    }
    byte[] content = disk.content(FIRST);
    // What stands between the records are the marks of the idle writer; a busy one writes none.
    SegmentHeader header = SegmentHeader.decode(ByteBuffer.wrap(content), FIRST).orElseThrow();
    ByteBuffer packed = ByteBuffer.allocate(content.length);
    header.encode(packed);
    Frame.Salt salt = new Frame.Salt(header.storeId(), 1);
    SegmentReader reader = new SegmentReader(header, ByteBuffer.wrap(content));
    for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      Frame read = frame.get();
      if (read.kind() == Frame.Kind.RECORD) {
        Frame.encode(packed, salt, read.kind(), read.lsn(), read.durableLsn(), read.payload());
      }
    }
    return Arrays.copyOf(packed.array(), packed.position());
  }

  private static void fill(FakeDisk disk, int records) throws JournalOpenException {
    TestJournal test = new TestJournal(disk);
    for (int i = 0; i < records; i++) {
      test.forced("record number %d with some length to it".formatted(i));
      test.settle();
    }
    test.journal.close();
  }

  /** A recovered journal takes appends, and what it recovered is still there after power failed. */
  private static void assertGoesOn(TestJournal reopened, FakeDisk disk, List<String> recovered)
      throws JournalOpenException {
    List<String> expected = new ArrayList<>(recovered);
    TestJournal crashed = new TestJournal(disk.crash(new Random(3)));
    assertThat(crashed.replayed).isEqualTo(expected);

    long lsn = reopened.forced("next");
    reopened.settle();
    assertThat(reopened.durable).containsExactly(lsn);
    expected.add(lsn + ":next");
    assertThat(lsn).isEqualTo(expected.size());
    assertThat(new TestJournal(disk.crash(new Random(4))).replayed).isEqualTo(expected);
  }

  private void assertDamaged(String file, long offset) {
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOfSatisfying(
            Damaged.class,
            e -> {
              assertThat(e.file()).isEqualTo("fake/" + file);
              assertThat(e.offset()).isEqualTo(offset);
            })
        .hasMessageContaining("nothing was changed");
  }
}
