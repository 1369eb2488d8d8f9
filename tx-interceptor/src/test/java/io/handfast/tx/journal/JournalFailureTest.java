package io.handfast.tx.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.journal.AppendResult.Stopped;
import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What a failed write or sync does: the journal stops for good, and the next one copes. */
final class JournalFailureTest {

  private final FakeDisk disk = new FakeDisk();

  @Test
  void shouldStopForGoodAndFailAllThatWaitWhenSyncFails() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.forced("told");
    test.settle();
    disk.failForce(1);

    // When
    test.forced("in doubt");
    test.lazy("in doubt too");
    test.settle();

    // Then
    assertThat(test.durable).containsExactly(1L);
    assertThat(test.failed).containsExactly(2L, 3L);
    assertThat(test.stopped).hasSize(1);
    assertThat(test.stopped.getFirst().reason())
        .startsWith("journal: force of fake/0000000000000001.seg failed: Input/output error");
    assertThat(test.journal.stats().stopped()).isTrue();
    assertThat(test.journal.newWorkRefusal()).contains(new Stopped(test.stopped.getFirst()));

    // When
    int forces = disk.forces();
    AppendResult later = test.append(Durability.FORCED, Need.ESSENTIAL, new byte[1]);
    test.settle();
    test.journal.close();

    // Then
    assertThat(later).isEqualTo(new Stopped(test.stopped.getFirst()));
    assertThat(((Stopped) later).reason()).contains("restart");
    assertThat(disk.forces()).as("a sync is never tried again").isEqualTo(forces);
  }

  @Test
  void shouldCopyTailToNewSegmentWhenSyncHadFailed_T13() throws Exception {
    // Given: the pages of the failed sync are in the cache, clean, and not on the disk.
    TestJournal test = new TestJournal(disk);
    test.forced("told");
    test.settle();
    disk.failForce(1);
    test.forced("in doubt");
    test.settle();

    // When: the process starts again and reads the tail from the cache.
    FakeDisk next = disk.restart();
    TestJournal reopened = new TestJournal(next);
    assertThat(reopened.replayed).containsExactly("1:told", "2:in doubt");

    // Then: what it has replayed survives the power.
    FakeDisk crashed = next.crash(new Random(1));
    assertThat(new TestJournal(crashed).replayed).containsExactly("1:told", "2:in doubt");
  }

  @Test
  void shouldNotBringBackWhatWasCutWhenPowerFailsLater_T13() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.forced("told");
    test.settle();
    test.lazy("torn");
    test.journal.turn();
    String name = SegmentHeader.fileName(1);
    byte[] content = disk.content(name);
    disk.damage(name, java.util.Arrays.copyOf(content, content.length - 1));
    FakeDisk next = disk.restart();
    TestJournal reopened = new TestJournal(next);
    assertThat(reopened.replayed).containsExactly("1:told");

    // When: the old bytes come back whole, as from a cache written late.
    FakeDisk late = next.crash(new Random(1));
    late.damage(name, content);

    // Then
    assertThat(new TestJournal(late).replayed).containsExactly("1:told");
  }

  @Test
  void shouldStopWhenWriteFailsAndKeepWhatWasToldDurable() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    test.forced("told");
    test.settle();
    disk.fillAfter(10);

    // When
    test.forced("does not fit");
    test.settle();

    // Then
    assertThat(test.failed).containsExactly(2L);
    assertThat(test.stopped.getFirst().reason()).contains("write of", "No space left on device");
    assertThat(new TestJournal(disk.crash(new Random(1))).replayed).containsExactly("1:told");
  }

  @Test
  void shouldStopWhenNextSegmentCannotBeCreated() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    while (disk.content(SegmentHeader.fileName(1)).length < 4096) {
      test.forced("record of some length that fills the segment");
      test.settle();
    }
    List<Long> told = List.copyOf(test.durable);
    disk.dieAfter(2, 0);

    // When
    test.forced("does not fit");
    test.settle();

    // Then
    assertThat(test.failed).containsExactly(told.size() + 1L);
    assertThat(test.stopped.getFirst().reason()).contains("creation of the successor");
    assertThat(new TestJournal(disk.crash(new Random(1))).replayed).hasSize(told.size());
  }

  @Test
  void shouldFailCheckpointWhenDeletionFails() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    long last = 0;
    for (int i = 0; i < 200; i++) {
      last = test.forced("record of some length that fills the segments");
      test.settle();
    }
    test.checkpoint(last, "live");
    // Write and force of the checkpoint succeed, the deletion does not.
    disk.dieAfter(2, 0);

    // When
    test.settle();

    // Then
    assertThat(test.failed).containsExactly(last + 1);
    assertThat(test.stopped.getFirst().reason()).contains("deletion");
    assertThat(new TestJournal(disk.crash(new Random(1))).replayed).containsExactly("live:live");
  }

  @Test
  void shouldFailQueuedAppendsThatTheWriterNeverTook() throws Exception {
    // Given: more than one turn takes.
    TestJournal test = new TestJournal(disk, TestJournal.options().withQueue(2, 1 << 20));
    disk.failForce(1);
    test.forced("one");
    test.forced("two");

    // When
    test.settle();

    // Then
    assertThat(test.failed).containsExactly(1L, 2L);
  }

  @Test
  void shouldTellOthersWhenOneCallbackThrowsOrItsExecutorIsGone() throws Exception {
    // Given
    TestJournal test = new TestJournal(disk);
    List<RuntimeException> seen = new ArrayList<>();
    java.util.concurrent.Executor loop =
        task -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            seen.add(e);
          }
        };
    AppendCallback throwing =
        new AppendCallback() {
          @Override
          public void onDurable(long lsn) {
            throw new IllegalStateException("a bug of the caller");
          }

          @Override
          public void onFailed(long lsn, JournalFailure failure) {}
        };
    java.util.concurrent.Executor gone =
        task -> {
          throw new RejectedExecutionException("shut down");
        };

    // When
    test.journal.append(Durability.FORCED, Need.ESSENTIAL, new byte[1], loop, throwing);
    test.journal.append(Durability.FORCED, Need.ESSENTIAL, new byte[1], loop, test.callback());
    test.journal.append(Durability.FORCED, Need.ESSENTIAL, new byte[1], gone, test.callback());
    test.forced("last");
    test.settle();

    // Then
    assertThat(test.durable).containsExactly(2L, 4L);
    assertThat(seen).hasSize(1);
    assertThat(test.journal.stats().undelivered()).isEqualTo(1);
    assertThat(test.stopped).isEmpty();
  }

  @Test
  void shouldReleaseDirectoryWhenOpenFails() throws Exception {
    // Given
    disk.dieAfter(1, 0);
    assertThatThrownBy(() -> new TestJournal(disk)).isInstanceOf(JournalOpenException.Io.class);

    // When
    FakeDisk next = disk.restart();
    TestJournal test = new TestJournal(next);

    // Then
    assertThat(test.forced("works")).isEqualTo(1);
    assertThatThrownBy(() -> new TestJournal(next))
        .isInstanceOf(JournalOpenException.Locked.class)
        .hasMessageContaining("fake is in use");
  }
}
