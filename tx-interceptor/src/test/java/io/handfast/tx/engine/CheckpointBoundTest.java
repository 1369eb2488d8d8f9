package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionEnded;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Need;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restart replays what was written since the last checkpoint, however much was before. */
final class CheckpointBoundTest {
  private static final int MIB = 1 << 20;
  private static final int WAITING = 2_000;

  @TempDir private Path directory;

  @Test
  void shouldReplayABoundedNumberOfRecordsHoweverManyTransactionsHaveFinished() throws Exception {
    // Given
    JournalOptions options =
        JournalOptions.of(directory.resolve("journal"))
            .withSegmentBytes(MIB)
            .withSpace(16 * MIB, 0)
            .withCheckpointBytes(MIB);
    int owed = 50;

    // When
    long few = replayedAfter(options, 0, 10_000, owed);
    long many = replayedAfter(options, 10_000, 100_000, owed);

    // Then: what is owed, and twice a checkpoint's distance of records of 80 bytes and more.
    long bound = 2L * owed + 2L * MIB / 80;
    assertThat(few).isBetween(owed - 1L, bound);
    assertThat(many).isBetween(2L * owed - 1, bound);
  }

  /** Runs transactions, of which so many are never acknowledged, and opens the journal again. */
  private static long replayedAfter(JournalOptions options, int first, int count, int owed)
      throws Exception {
    Immediate loop = new Immediate();
    LiveRecords live = new LiveRecords();
    try (JournalStore store = JournalStore.open(options, new Random(1), loop)) {
      store.replay(live::follow);
      Writer writer = new Writer(loop, store, live);
      Semaphore free = new Semaphore(WAITING);
      for (int i = first; i < first + count; i++) {
        TxId tx = TxId.of(1_750_000_000_000L, i, i);
        write(writer, free, decision(tx));
        if (i >= first + owed) {
          write(
              writer,
              free,
              Record.newBuilder()
                  .setEnded(TransactionEnded.newBuilder().setTxId(Messages.bytes(tx))));
        }
      }
      free.acquire(WAITING);
      assertThat(store.stats().checkpoints()).isPositive();
    }
    try (JournalStore store = JournalStore.open(options, new Random(1), loop)) {
      LiveRecords found = new LiveRecords();
      store.replay(found::follow);
      assertThat(found.decisions()).isEqualTo(live.decisions());
      return store.stats().replayed();
    }
  }

  private static Record.Builder decision(TxId tx) {
    return Record.newBuilder()
        .setDecision(
            Decision.newBuilder()
                .setTxId(Messages.bytes(tx))
                .addBranches(
                    DecidedBranch.newBuilder()
                        .setBranchId(1)
                        .setParticipant("bank:15014")
                        .setStoreId("j.00000000000000000000000000000001")
                        .setService("bank")
                        .setMode("callback")));
  }

  private static void write(Writer writer, Semaphore free, Record.Builder record)
      throws InterruptedException {
    free.acquire();
    writer.write(
        record,
        Durability.FORCED,
        Need.ESSENTIAL,
        new Writer.Written() {
          @Override
          public void durable() {
            free.release();
          }

          @Override
          public void refused(String reason) {
            throw new AssertionError(reason);
          }

          @Override
          public void inDoubt(String reason) {
            throw new AssertionError(reason);
          }
        });
  }

  /** Completions run on the journal's thread: they touch the semaphore only. */
  private static final class Immediate implements EngineLoop {
    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long epochMillis() {
      return 1_750_000_000_000L;
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      throw new AssertionError("nothing is to wait here");
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }
  }
}
