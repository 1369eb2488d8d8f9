package io.handfast.tx.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Zeros that stand ahead in the newest segment: written over, told from records, counted. */
final class PreallocationTest {
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final int AHEAD = 1024;
  private static final JournalOptions OPTIONS =
      TestJournal.options().withPreallocatedBytes(AHEAD).withSegmentBytes(8192);

  private final FakeDisk disk = new FakeDisk();

  @Test
  void shouldNotChangeTheFilesSizeUntilTheZerosAreUsedUp() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk, OPTIONS);
    test.forced("the first");
    test.settle();
    int size = disk.content(FIRST).length;

    // When
    long same =
        IntStream.range(0, 100)
            .map(i -> {
              test.forced("0123456789");
              test.settle();
              return disk.content(FIRST).length;
            })
            .takeWhile(length -> length == size)
            .count();

    // Then
    assertThat(same).isBetween(AHEAD / 80L, AHEAD / 34L);
    assertThat(disk.content(FIRST).length).isGreaterThan(size);
  }

  @Test
  void shouldNotAllocateBeyondTheSegment() throws Exception {
    // When
    TestJournal test = new TestJournal(disk, OPTIONS);
    for (int i = 0; i < 200; i++) {
      test.forced("a record of some length, so that segments fill");
      test.settle();
    }

    // Then
    assertThat(test.journal.stats().segments()).isGreaterThan(1);
    assertThat(disk.content(FIRST).length).isBetween(8192, 8192 + 100);
  }

  @Test
  void shouldReplayAllAndTakeZerosForTheEnd() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk, OPTIONS);
    test.forced("one");
    test.forced("two");
    test.settle();
    assertThat(disk.content(FIRST)).endsWith(new byte[AHEAD / 2]);

    // When
    TestJournal again = new TestJournal(disk.restart(), OPTIONS);

    // Then
    assertThat(again.replayed).containsExactly("1:one", "2:two");
    assertThat(again.forced("three")).isEqualTo(3);
  }

  @Test
  void shouldCutATornRecordThatZerosFollow() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk, OPTIONS);
    test.forced("one");
    test.settle();
    int end = SegmentHeader.BYTES + (int) test.journal.stats().bytes();
    test.forced("two, which is torn");
    test.settle();
    byte[] torn = disk.content(FIRST);
    Arrays.fill(torn, end + 30, torn.length, (byte) 0);
    disk.damage(FIRST, torn);

    // When
    TestJournal again = new TestJournal(disk.restart(), OPTIONS);

    // Then
    assertThat(again.replayed).containsExactly("1:one");
  }

  @Test
  void shouldRefuseWhenZerosStandWhereARecordWasToldDurable() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk, OPTIONS);
    for (String text : new String[] {"one", "two", "three"}) {
      test.forced(text);
      test.settle();
    }
    test.journal.close();
    byte[] content = disk.content(FIRST);
    Arrays.fill(content, SegmentHeader.BYTES, SegmentHeader.BYTES + 27, (byte) 0);
    disk.damage(FIRST, content);

    // When / Then
    assertThatThrownBy(() -> new TestJournal(disk.restart(), OPTIONS))
        .isInstanceOf(JournalOpenException.Damaged.class)
        .hasMessageContaining(FIRST + " at byte 64");
  }

  @Test
  void shouldGoOnWhenTheDiskHasNoRoomForZeros() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk, OPTIONS);
    disk.fillAfter(AHEAD / 2);

    // When
    test.forced("one");
    test.settle();

    // Then
    assertThat(test.durable).containsExactly(1L);
    assertThat(test.stopped).isEmpty();
  }

  @Test
  void shouldCountTheZerosAsUsed() throws Exception {
    // When
    TestJournal test = new TestJournal(disk, OPTIONS);
    test.forced("one");
    test.settle();

    // Then
    assertThat(test.journal.stats().usedBytes()).isEqualTo(disk.content(FIRST).length);
  }

  @Test
  void shouldReadAJournalThatWasWrittenWithoutZeros() throws Exception {
    // Given
    TestJournal.fill(disk, 5);

    // When
    FakeDisk later = disk.restart();
    TestJournal test = new TestJournal(later, OPTIONS);
    test.forced("six");
    test.settle();
    TestJournal without = new TestJournal(later.restart());

    // Then
    assertThat(test.replayed).hasSize(5);
    assertThat(without.replayed).hasSize(6).endsWith("6:six");
  }
}
