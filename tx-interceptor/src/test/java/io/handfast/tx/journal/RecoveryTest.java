package io.handfast.tx.journal;

import static io.handfast.tx.journal.TestJournal.fill;
import static io.handfast.tx.journal.TestJournal.threeRecordsWithoutMark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a restart makes of what a crash, or something worse, has left. */
final class RecoveryTest {
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final List<String> TWO = List.of("1:first", "2:second");
  private static final List<String> THREE = List.of("1:first", "2:second", "3:third");

  private final FakeDisk disk = new FakeDisk();

  @Test
  void shouldRecoverPrefixWhenLastRecordIsCutAtAnyByte() throws Exception {
    // Given
    byte[] whole = threeRecordsWithoutMark(disk);
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
    byte[] whole = threeRecordsWithoutMark(disk);
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
    byte[] first = threeRecordsWithoutMark(disk);
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
    byte[] whole = threeRecordsWithoutMark(disk);
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
}
