package io.handfast.tx.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one turn of the writer covers, and when a lazy record is forced. */
final class GroupCommitTest {

  private final FakeDisk disk = new FakeDisk();

  @Test
  void shouldForceOnceWhenManyRecordsWait() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.settle();
    int before = disk.forces();

    // When
    for (int i = 0; i < 50; i++) {
      test.forced("record " + i);
    }
    assertThat(test.durable).isEmpty();
    test.settle();

    // Then
    assertThat(disk.forces() - before).isEqualTo(1);
    assertThat(test.durable).hasSize(50).isSorted();
    JournalStats stats = test.journal.stats();
    assertThat(stats.syncs()).isEqualTo(1);
    assertThat(stats.appends()).isEqualTo(50);
    assertThat(stats.meanBatch()).isEqualTo(50);
    assertThat(stats.batchSizes().get(5)).as("batches of 32 to 63").isEqualTo(1);
    assertThat(stats.queuedBytes()).isZero();
  }

  @Test
  void shouldNotForceLazyRecordBeforeItsBoundWhenNobodyForces_T16() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.settle();
    int before = disk.forces();

    // When
    test.lazy("acknowledgement");
    test.pass(Duration.ofNanos(9_999_999));

    // Then
    assertThat(disk.forces()).isEqualTo(before);
    assertThat(test.durable).isEmpty();

    // When
    test.pass(Duration.ofNanos(1));

    // Then
    assertThat(disk.forces()).isEqualTo(before + 1);
    assertThat(test.durable).containsExactly(1L);
  }

  @Test
  void shouldLetLazyRecordRideOnForceOfAnother_T16() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.lazy("acknowledgement");
    test.settle();

    // When
    test.forced("decision");
    test.settle();

    // Then
    assertThat(test.durable).containsExactly(1L, 2L);
    assertThat(test.journal.stats().syncs()).isEqualTo(1);
  }

  @Test
  void shouldCountBoundFromOldestLazyRecord() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.lazy("old");
    test.pass(Duration.ofMillis(6));
    test.lazy("young");
    test.settle();

    // When
    test.pass(Duration.ofMillis(4));

    // Then
    assertThat(test.durable).containsExactly(1L, 2L);
  }

  @Test
  void shouldTellWriterHowLongItMaySleepWhenLazyRecordWaits() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.settle();
    assertThat(test.journal.turn()).isEqualTo(GroupCommitter.UNTIL_WOKEN);

    // When
    test.lazy("acknowledgement");
    test.clock.addAndGet(1_000_000);

    // Then
    assertThat(test.journal.turn()).isEqualTo(9_000_000);
  }

  @Test
  void shouldKeepWrittenLazyRecordWhenOnlyTheProcessDies() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.lazy("written");
    test.journal.turn();

    // When
    TestJournal reopened = new TestJournal(disk.restart());

    // Then
    assertThat(reopened.replayed).containsExactly("1:written");
  }

  @Test
  void shouldTellAnOverlappedRecordWrittenBeforeItsForceBegins() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.settle();
    int before = disk.forces();
    List<Integer> forcesWhenWritten = new ArrayList<>();
    List<String> foundWhenWritten = new ArrayList<>();
    test.onWritten =
        () -> {
          forcesWhenWritten.add(disk.forces() - before);
          foundWhenWritten.addAll(reopen().replayed);
        };

    // When
    test.forced("before");
    test.overlapped("begun");
    test.settle();

    // Then
    assertThat(test.written).containsExactly(2L);
    assertThat(forcesWhenWritten).containsExactly(0);
    assertThat(foundWhenWritten).as("after a kill").containsExactly("1:before", "2:begun");
    assertThat(test.durable).containsExactly(1L, 2L);
    assertThat(disk.forces() - before).isEqualTo(1);
  }

  private TestJournal reopen() {
    try {
      return new TestJournal(disk.restart());
    } catch (JournalOpenException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldTellAnOverlappedRecordWrittenWhenItsForceFails() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.settle();
    disk.failForce(1);

    // When
    test.overlapped("begun");
    test.settle();

    // Then
    assertThat(test.written).containsExactly(1L);
    assertThat(test.durable).isEmpty();
    assertThat(test.failed).containsExactly(1L);
  }

  @Test
  void shouldTellOverlappedRecordsWrittenInOrderAcrossSegments() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);

    // When
    for (int i = 0; i < 20; i++) {
      test.append(Durability.OVERLAPPED, Need.ESSENTIAL, new byte[1_000]);
    }
    test.settle();

    // Then
    assertThat(test.written).hasSize(20).isSorted();
    assertThat(test.durable).isEqualTo(test.written);
  }

  @Test
  void shouldForceLazyRecordsWhenClosed() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.lazy("last");

    // When
    test.journal.close();

    // Then
    assertThat(test.durable).containsExactly(1L);
    assertThat(test.append(Durability.FORCED, Need.ESSENTIAL, new byte[1]))
        .isEqualTo(new AppendResult.Closed());
  }

  @Test
  void shouldRefuseWhenQueueIsFullAndTakeAgainWhenItIsNot() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk, TestJournal.options().withQueue(4, 1 << 20));
    for (int i = 0; i < 4; i++) {
      test.forced("record");
    }

    // When
    AppendResult result = test.append(Durability.FORCED, Need.ESSENTIAL, new byte[1]);

    // Then
    assertThat(result).isEqualTo(new AppendResult.Overloaded(25, 4, 1 << 20));
    assertThat(((AppendResult.Refusal) result).reason()).contains("at most 4 records");
    test.settle();
    assertThat(test.forced("later")).isEqualTo(5);
    assertThat(test.journal.stats().refused()).isEqualTo(1);
  }

  @Test
  void shouldRefuseWhenBytesInQueueAreTooMany() throws Exception {
    // Given
    JournalOptions options = TestJournal.options().withSpace(8 << 20, 0).withQueue(64, 1 << 20);
    TestJournal test = new TestJournal(disk, options);
    test.append(Durability.FORCED, Need.ESSENTIAL, new byte[600_000]);

    // When
    AppendResult result = test.append(Durability.FORCED, Need.ESSENTIAL, new byte[600_000]);

    // Then
    assertThat(result).isEqualTo(new AppendResult.Overloaded(600_000, 64, 1 << 20));
  }

  @Test
  void shouldRefuseRecordAboveTheLimitAndTakeOneAtIt() throws Exception {
    // Given
    JournalOptions options = TestJournal.options().withSpace(8 << 20, 0);
    TestJournal test = new TestJournal(disk, options);

    // When
    AppendResult tooLarge =
        test.append(Durability.FORCED, Need.ESSENTIAL, new byte[Journal.MAX_RECORD_BYTES + 1]);
    AppendResult largest =
        test.append(Durability.FORCED, Need.ESSENTIAL, new byte[Journal.MAX_RECORD_BYTES]);
    test.settle();

    // Then
    assertThat(tooLarge).isEqualTo(new AppendResult.TooLarge((1 << 20) + 1, 1 << 20));
    assertThat(largest).isEqualTo(new AppendResult.Accepted(1));
    assertThat(new TestJournal(disk.restart(), options).replayed).hasSize(1);
  }
}
