package io.handfast.tx.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checkpoints: what is replayed, what is deleted, and what a crash in the middle leaves. */
final class CheckpointTest {

  private static final String LONG_TEXT = "a record of some length so that segments fill up";

  private final FakeDisk disk = new FakeDisk();

  @Test
  void shouldReplayLiveRecordsAndWhatCameAfterThem() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    fill(test, 300);
    int before = test.journal.stats().segments();

    // When
    test.checkpoint(300, "one", "two");
    long after = test.forced("after");
    test.settle();

    // Then
    assertThat(before).isGreaterThan(4);
    assertThat(test.journal.stats().segments()).isEqualTo(1);
    assertThat(test.journal.stats().deletedSegments()).isEqualTo(before - 1);
    assertThat(test.journal.stats().checkpoints()).isEqualTo(1);
    assertThat(new TestJournal(disk.crash(new Random(1))).replayed)
        .containsExactly("live:one", "live:two", after + ":after");
  }

  @Test
  void shouldReplayRecordsAfterWhatIsCoveredThoughTheyStandBeforeTheCheckpoint() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    fill(test, 300);
    long a = test.forced("not covered");
    test.settle();

    // When
    test.checkpoint(a - 1, "live");
    test.settle();

    // Then
    assertThat(new TestJournal(disk.restart()).replayed)
        .containsExactly("live:live", a + ":not covered");
  }

  @Test
  void shouldUseLatestOfSeveralCheckpoints() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    for (int i = 1; i <= 5; i++) {
      fill(test, 100);
      test.checkpoint(test.journal.lastLsn(), "state " + i);
      test.settle();
    }

    // When
    TestJournal reopened = new TestJournal(disk.restart());

    // Then
    assertThat(reopened.replayed).containsExactly("live:state 5");
  }

  @Test
  void shouldRecoverSameStateWhenPowerFailsAtAnyStepOfCheckpoint() throws Exception {
    // Given
    String[] live = new String[200];
    Arrays.setAll(live, i -> "live record %d of the snapshot".formatted(i));
    int steps = stepsOfCheckpoint(live);
    assertThat(steps).isGreaterThan(10);
    int sawOld = 0;
    int sawNew = 0;

    for (int step = 0; step < steps; step++) {
      for (int seed = 0; seed < 6; seed++) {
        // When
        FakeDisk failing = new FakeDisk();
        TestJournal test = new TestJournal(failing);
        fill(test, 250);
        failing.dieAfter(step, seed * 37);
        test.checkpoint(250, live);
        test.settle();
        FakeDisk next = seed % 3 == 0 ? failing.restart() : failing.crash(new Random(seed));
        TestJournal reopened = new TestJournal(next);

        // Then: the whole history or the whole snapshot, and it stays so.
        boolean snapshot = reopened.replayed.getFirst().startsWith("live:");
        assertThat(reopened.replayed)
            .as("step %d, seed %d", step, seed)
            .hasSize(snapshot ? live.length : 250);
        assertThat(new TestJournal(next.crash(new Random(seed))).replayed)
            .isEqualTo(reopened.replayed);
        assertThat(test.durable.contains(251L)).isFalse();
        sawOld += snapshot ? 0 : 1;
        sawNew += snapshot ? 1 : 0;
      }
    }
    assertThat(sawOld).isPositive();
    assertThat(sawNew).isPositive();
  }

  @Test
  void shouldDeleteLeftOversWhenCrashCameBetweenDeletions() throws Exception {
    // Given: a later segment is deleted on the disk, an earlier one is not.
    TestJournal test = new TestJournal(disk);
    fill(test, 300);
    byte[] first = disk.content(SegmentHeader.fileName(1));
    test.checkpoint(300, "live");
    test.settle();
    disk.damage(SegmentHeader.fileName(1), first);

    // When
    FakeDisk next = disk.restart();
    TestJournal reopened = new TestJournal(next);

    // Then
    assertThat(reopened.replayed).containsExactly("live:live");
    assertThat(next.list()).doesNotContain(SegmentHeader.fileName(1));
  }

  @Test
  void shouldLetForcedRecordsPassWhileCheckpointIsWritten() throws Exception {
    // Given
    JournalOptions options = TestJournal.options().withSpace(1 << 26, 0).withSegmentBytes(1 << 24);
    TestJournal test = new TestJournal(disk, options);
    test.forced("covered");
    test.settle();
    String[] live = new String[16];
    Arrays.fill(live, "x".repeat(200_000));

    // When
    test.checkpoint(1, live);
    test.journal.turn();
    long lsn = test.forced("decision");
    test.journal.turn();

    // Then
    assertThat(test.durable).containsExactly(1L, lsn);

    // When
    test.settle();

    // Then
    assertThat(test.durable).containsExactly(1L, lsn, 2L);
    TestJournal reopened = new TestJournal(disk.restart(), options);
    assertThat(reopened.replayed).hasSize(17).last().isEqualTo(lsn + ":decision");
  }

  @Test
  void shouldFinishCheckpointWhenClosed() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    fill(test, 10);

    // When
    test.checkpoint(10, "live");
    test.journal.close();

    // Then
    assertThat(test.durable).last().isEqualTo(11L);
    assertThat(new TestJournal(disk.restart()).replayed).containsExactly("live:live");
  }

  @Test
  void shouldRefuseSecondCheckpointWhileOneRunsAndTakeItAfterwards() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    fill(test, 3);
    test.checkpoint(2, "live");

    // When
    AppendResult second = test.checkpoint(3, "live");

    // Then
    assertThat(second).isEqualTo(new AppendResult.CheckpointRunning());
    test.settle();
    assertThat(test.checkpoint(3, "live")).isEqualTo(new AppendResult.Accepted(5));
  }

  @Test
  void shouldMakeRecordsIntoBytesOnTheWritersThreadOnly() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    fill(test, 3);
    List<Integer> made = new ArrayList<>();
    Journal.Snapshot live =
        new Journal.Snapshot() {
          @Override
          public int size() {
            return 2;
          }

          @Override
          public int bytes(int index) {
            return 5;
          }

          @Override
          public byte[] payload(int index) {
            made.add(index);
            return ("live" + index).getBytes(UTF_8);
          }
        };

    // When
    test.journal.checkpoint(live, 3, Runnable::run, test.callback());

    // Then
    assertThat(made).as("by the caller").isEmpty();
    test.settle();
    assertThat(made).containsExactly(0, 1);
    assertThat(new TestJournal(disk.restart()).replayed)
        .containsExactly("live:live0", "live:live1");
  }

  @Test
  void shouldRejectCoveredLsnThatGoesBackOrWasNeverAppended() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    fill(test, 3);
    test.checkpoint(2, "live");
    test.settle();

    // When, Then
    assertThatThrownBy(() -> test.checkpoint(1, "live"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("uptoLsn: 1 (expected: 2 to 4)");
    assertThatThrownBy(() -> test.checkpoint(5, "live"))
        .hasMessage("uptoLsn: 5 (expected: 2 to 4)");
    TestJournal reopened = new TestJournal(disk.restart());
    assertThatThrownBy(() -> reopened.checkpoint(1, "live"))
        .hasMessage("uptoLsn: 1 (expected: 2 to 4)");
  }

  @Test
  void shouldAskForCheckpointWhenEnoughWasAppended() throws Exception {
    // Given
    JournalOptions options = TestJournal.options().withCheckpointBytes(10_000);
    TestJournal test = new TestJournal(disk, options);
    fill(test, 100);
    assertThat(test.journal.shouldCheckpoint()).isFalse();

    // When
    fill(test, 60);

    // Then
    assertThat(test.journal.shouldCheckpoint()).isTrue();
    test.checkpoint(160, "live");
    assertThat(test.journal.shouldCheckpoint()).as("one runs").isFalse();
    test.settle();
    assertThat(test.journal.shouldCheckpoint()).as("one was made").isFalse();
  }

  @Test
  void shouldAskForCheckpointAfterRestartWhenMuchIsThere() throws Exception {
    // Given
    JournalOptions options = TestJournal.options().withCheckpointBytes(10_000);
    fill(new TestJournal(disk, options), 200);

    // When
    TestJournal reopened = new TestJournal(disk.restart(), options);

    // Then
    assertThat(reopened.journal.shouldCheckpoint()).isTrue();
  }

  @Test
  void shouldRefuseNewWorkFirstAndFreeSpaceByCheckpoint() throws Exception {
    // Given: 64 KiB in all, 32 KiB of it in reserve.
    JournalOptions options = TestJournal.options().withSpace(1 << 16, 1 << 15);
    TestJournal test = new TestJournal(disk, options);
    byte[] payload = new byte[1000];

    // When
    int newWork = 0;
    while (test.append(Durability.FORCED, Need.NEW_WORK, payload)
        instanceof AppendResult.Accepted) {
      newWork++;
      test.settle();
    }

    // Then
    assertThat(newWork).isBetween(28, 32);
    assertThat(test.journal.newWorkRefusal()).get().isInstanceOf(AppendResult.JournalFull.class);
    assertThat(test.journal.shouldCheckpoint()).isTrue();

    // When
    int essential = 0;
    AppendResult result = test.append(Durability.FORCED, Need.ESSENTIAL, payload);
    while (result instanceof AppendResult.Accepted) {
      essential++;
      test.settle();
      result = test.append(Durability.FORCED, Need.ESSENTIAL, payload);
    }

    // Then
    assertThat(essential).isBetween(28, 32);
    assertThat(result).isInstanceOf(AppendResult.JournalFull.class);
    assertThat(((AppendResult.Refusal) result).reason()).contains("32768 in reserve");

    // When
    test.checkpoint(test.journal.lastLsn(), "live");
    test.settle();

    // Then
    assertThat(test.journal.newWorkRefusal()).isEmpty();
    assertThat(test.append(Durability.FORCED, Need.NEW_WORK, payload))
        .isInstanceOf(AppendResult.Accepted.class);
    assertThat(test.stopped).isEmpty();
  }

  @Test
  void shouldRefuseWhenDiskIsNearlyFullAndRecoverWhenItIsNot() throws Exception {
    // Given
    JournalOptions options = TestJournal.options().withSpace(64 << 20, 8 << 20);
    disk.setUsable(7 << 20);
    TestJournal test = new TestJournal(disk, options);

    // When, Then
    assertThat(test.append(Durability.FORCED, Need.NEW_WORK, new byte[1]))
        .isEqualTo(new AppendResult.JournalFull(64, 64 << 20, 7 << 20, 8 << 20));
    assertThat(test.append(Durability.FORCED, Need.ESSENTIAL, new byte[1]))
        .isEqualTo(new AppendResult.Accepted(1));

    // When: somebody frees the disk, which is looked at once a second while it matters.
    disk.setUsable(9 << 20);
    test.settle();
    assertThat(test.append(Durability.FORCED, Need.NEW_WORK, new byte[1]))
        .isInstanceOf(AppendResult.JournalFull.class);
    test.pass(Duration.ofSeconds(1));

    // Then
    assertThat(test.append(Durability.FORCED, Need.NEW_WORK, new byte[1]))
        .isEqualTo(new AppendResult.Accepted(2));

    // When
    disk.setUsable(1 << 20);
    test.append(Durability.FORCED, Need.ESSENTIAL, new byte[Journal.MAX_RECORD_BYTES]);
    test.settle();
    test.settle();

    // Then
    assertThat(test.append(Durability.FORCED, Need.ESSENTIAL, new byte[1]))
        .isInstanceOf(AppendResult.JournalFull.class);
    assertThat(test.checkpoint(3, "live")).isInstanceOf(AppendResult.JournalFull.class);
  }

  @Test
  void shouldRefuseNewWorkWithinASecondWhenOthersFillTheDiskAndLittleIsWritten() throws Exception {
    // Given
    JournalOptions options = TestJournal.options().withSpace(64 << 20, 8 << 20);
    disk.setUsable(64 << 20);
    TestJournal test = new TestJournal(disk, options);
    test.forced("before");
    test.settle();

    // When
    disk.setUsable(7 << 20);
    test.clock.addAndGet(Duration.ofSeconds(1).toNanos());
    test.forced("after");
    test.settle();

    // Then
    assertThat(test.append(Durability.FORCED, Need.NEW_WORK, new byte[1]))
        .isInstanceOf(AppendResult.JournalFull.class);
    assertThat(test.append(Durability.FORCED, Need.ESSENTIAL, new byte[1]))
        .isInstanceOf(AppendResult.Accepted.class);
    assertThat(test.durable).containsExactly(1L, 2L);
    assertThat(test.stopped).isEmpty();
  }

  private static void fill(TestJournal test, int records) {
    for (int i = 0; i < records; i++) {
      test.forced(LONG_TEXT);
      test.settle();
    }
  }

  private static int stepsOfCheckpoint(String[] live) throws JournalOpenException {
    FakeDisk counted = new FakeDisk();
    TestJournal test = new TestJournal(counted);
    fill(test, 250);
    int before = counted.operations();
    test.checkpoint(250, live);
    test.settle();
    List<Long> told = test.durable;
    assertThat(told).last().isEqualTo(251L);
    // The mark of the idle writer comes after it.
    return counted.operations() - before - 1;
  }
}
