package io.handfast.tx.journal;

import io.handfast.tx.journal.AppendResult.Refusal;
import io.handfast.tx.journal.disk.FileDisk;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A durable, ordered log of opaque records; the store of a {@code j.<store-id>} decider.
 *
 * <p>Thread-safe: any thread may append, no call but {@link #open} and {@link #close} ever blocks
 * or takes a lock. One thread of its own, {@code handfast-journal}, writes and forces. Completions
 * run on the executor that the append names, in the order of their LSNs (a checkpoint's when it is
 * done, whatever came after it meanwhile).
 *
 * <p>LSNs (log sequence numbers) start at 1 and have no gaps; the order of LSNs is the order on
 * disk. What a crash leaves is always a prefix of it that holds every record whose completion was
 * told.
 *
 * <p>Failure: a write or sync that fails stops the journal for good. The append concerned and all
 * that wait are failed, later ones are refused with the same cause, {@link
 * JournalRuntime#onStopped} is told. A failed append is <em>in doubt</em>: its record may be there
 * after a restart (T18). {@link #close} it and open it again to find out.
 */
public interface Journal extends AutoCloseable {

  /** The largest payload of one record, in bytes. */
  int MAX_RECORD_BYTES = 1 << 20;

  /** When an append's record has to be on disk. */
  enum Durability {
    /** At once: the next group commit, which starts as soon as the one that runs has ended. */
    FORCED,
    /**
     * As {@link #FORCED}, and told as well when it is written: from then on it survives the death
     * of the process.
     */
    OVERLAPPED,
    /**
     * Written soon, forced by the next group commit that a {@link #FORCED} append causes, at the
     * latest {@link JournalOptions#lazyBound()} after the append. Survives the death of the process
     * as soon as it is written, that of the machine once its completion is told.
     */
    LAZY
  }

  /** What an append is for, which decides who is refused first when space runs short. */
  enum Need {
    /** Finishes what has begun (decision, end): may use the reserve. */
    ESSENTIAL,
    /** Begins something: refused while the reserve is all that is left. */
    NEW_WORK
  }

  /**
   * Opens the journal of a directory, creating it if there is none, and replays it.
   *
   * <p>Blocks for as long as reading the segments takes; not for an event loop. When it returns,
   * everything that was replayed is durable, whatever became of the process that wrote it (T13).
   *
   * @param options directory and bounds
   * @param runtime clock, randomness, and who is told when it stops
   * @param visitor is handed the surviving records, in order, on the calling thread
   * @throws JournalOpenException if the directory is in use, is damaged, is of a newer format, or
   *     cannot be read or written; nothing was changed unless the disk failed half-way, which the
   *     next open copes with
   */
  static Journal open(JournalOptions options, JournalRuntime runtime, ReplayVisitor visitor)
      throws JournalOpenException {
    return FileJournal.open(options, runtime, new FileDisk(options.directory()), visitor);
  }

  /**
   * The identity drawn when the journal was initialised: 32 lower-case hexadecimal digits. It names
   * the decider {@code j.<store-id>}.
   */
  String storeId();

  /**
   * The identities of the journals that this one was restored from, oldest first: what it holds of
   * them it may tell, what it does not hold says nothing (T13).
   */
  List<String> formerIds();

  /** How often this journal has been opened, this time included; durable before open returns. */
  long incarnation();

  /** The LSN of the newest record that was accepted (or replayed); 0 if there was none yet. */
  long lastLsn();

  /**
   * Appends a record without waiting.
   *
   * @param durability when it has to be on disk
   * @param need who is refused first when space is short
   * @param payload the record, at most {@link #MAX_RECORD_BYTES}; it must not be changed afterwards
   * @param executor where the callback runs: normally the caller's event loop
   * @param callback told exactly once if the result is {@link AppendResult.Accepted}, never
   *     otherwise
   * @return the LSN, or why the append was refused; refused means that nothing will be written
   */
  AppendResult append(
      Durability durability, Need need, byte[] payload, Executor executor, AppendCallback callback);

  /**
   * Whether enough has been appended since the last checkpoint, or so little space is left, that
   * the caller should call {@link #checkpoint}. Cheap enough for every append; false while a
   * checkpoint runs.
   */
  boolean shouldCheckpoint();

  /**
   * Replaces history by its result: writes {@code live} as a snapshot, forces it, and only then
   * deletes the segments that hold nothing but records up to {@code uptoLsn}. A replay then begins
   * with the snapshot and goes on with the records after {@code uptoLsn}. A crash at any point
   * leaves either the old history or the snapshot, complete.
   *
   * <p>Returns at once; the snapshot is written in slices between group commits.
   *
   * @param live the records that still matter, each at most {@link #MAX_RECORD_BYTES}; together
   *     they must say all that the records up to {@code uptoLsn} say
   * @param uptoLsn the newest record that the snapshot covers, at most {@link #lastLsn()} and not
   *     below that of an earlier checkpoint
   * @param executor where the callback runs
   * @param callback told once the snapshot is durable and the segments are deleted; the LSN is the
   *     checkpoint's own
   * @throws IllegalArgumentException if {@code uptoLsn} was never accepted or goes back
   */
  AppendResult checkpoint(Snapshot live, long uptoLsn, Executor executor, AppendCallback callback);

  /**
   * Why an append of {@link Need#NEW_WORK} of usual size would be refused now, or empty: what
   * readiness says and what turns new transactions away before they begin. A full queue is not
   * told, it passes.
   */
  Optional<Refusal> newWorkRefusal();

  /** A snapshot of the counters, for metrics. */
  JournalStats stats();

  /**
   * Takes no more appends, forces what was accepted, tells the completions, releases the directory.
   * Blocks until then: not for an event loop. A journal that has stopped is closed without touching
   * its files again. A second call does nothing.
   */
  @Override
  void close();

  /**
   * What a checkpoint writes: the payloads of records in the order in which they are to be
   * replayed. The caller of {@link #checkpoint} is asked for sizes; for each payload once the
   * journal's own thread asks, when its turn has come. Must not change until the callback.
   */
  interface Snapshot {

    /** How many records. */
    int size();

    /** How many bytes the payload at that index will have. */
    int bytes(int index);

    byte[] payload(int index);

    /** Of payloads that are there. */
    static Snapshot of(List<byte[]> payloads) {
      List<byte[]> fixed = List.copyOf(payloads);
      return new Snapshot() {
        @Override
        public int size() {
          return fixed.size();
        }

        @Override
        public int bytes(int index) {
          return fixed.get(index).length;
        }

        @Override
        public byte[] payload(int index) {
          return fixed.get(index);
        }
      };
    }
  }
}
