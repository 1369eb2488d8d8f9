package io.handfast.tx.journal;

import io.handfast.tx.journal.AppendQueue.Append;
import io.handfast.tx.journal.AppendQueue.Checkpoint;
import io.handfast.tx.journal.AppendQueue.Pending;
import io.handfast.tx.journal.Frame.Kind;
import io.handfast.tx.journal.Journal.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the writer thread does, one {@link #turn} after the other: take all that waits, write it,
 * force it once, tell everyone. Confined to the writer thread; a test may turn it by hand.
 *
 * <p>Nothing waits for company: while one sync runs the next batch gathers by itself. A turn that
 * took lazy records only leaves them written and unforced until a forced one comes or their time is
 * up.
 */
final class GroupCommitter {

  /** No need to turn until something is appended. */
  static final long UNTIL_WOKEN = Long.MAX_VALUE;

  /**
   * How much of a checkpoint is written in one turn, so that forced records need not wait for it.
   */
  private static final long CHECKPOINT_SLICE_BYTES = 256 << 10;

  /** The most that is written between two looks at the free space. */
  private static final long DISK_LOOK_BYTES = 1 << 20;

  /**
   * The longest time between two looks at the free space while there is something to do, or records
   * are refused for it: others may fill the disk while little is written here.
   */
  private static final long DISK_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final AppendQueue queue;
  private final SegmentLog log;
  private final SpaceGuard space;
  private final JournalStats.Recorder stats;
  private final Completions completions;
  private final LongSupplier clock;
  private final int maxUnforcedRecords;
  private final long maxUnforcedBytes;
  private final long checkpointBytes;
  private final int segmentBytes;

  private final List<Pending> unforced = new ArrayList<>();

  /** Those of {@link #unforced} that are to be told when they are written, and are not yet. */
  private final List<Pending> unwritten = new ArrayList<>();

  private boolean forceWanted;
  private boolean lazyWaits;
  private long forceBy;
  private @Nullable CheckpointRun run;
  private long checkpointedAt;

  /** What the last checkpoint took: as much is appended at least before the next. */
  private long lastCheckpointBytes;

  private long lookedAtBytes;
  private long lookedAtNanos;
  private boolean ended;
  private volatile boolean checkpointDue;

  GroupCommitter(
      JournalOptions options,
      AppendQueue queue,
      SegmentLog log,
      SpaceGuard space,
      JournalStats.Recorder stats,
      Completions completions,
      LongSupplier clock) {
    this.queue = queue;
    this.log = log;
    this.space = space;
    this.stats = stats;
    this.completions = completions;
    this.clock = clock;
    this.maxUnforcedRecords = options.maxQueuedRecords();
    this.maxUnforcedBytes = options.maxQueuedBytes();
    this.checkpointBytes = options.checkpointBytes();
    this.segmentBytes = options.segmentBytes();
    // What is there already counts as appended: a restart does not put off the next checkpoint.
    this.checkpointedAt = -log.usedBytes();
    lookAtDisk();
    publish();
  }

  /**
   * Does what there is to do.
   *
   * @return nanoseconds until there is more: 0 for at once, {@link #UNTIL_WOKEN} for not before
   *     something is appended
   */
  long turn() {
    if (ended) {
      return UNTIL_WOKEN;
    }
    try {
      return commit();
    } catch (IOException e) {
      fail(new JournalFailure(log.operation(), log.file(), e));
    } catch (RuntimeException | Error e) {
      // A bug: fail closed, then let it be seen.
      fail(new JournalFailure(log.operation(), log.file(), new IOException(e)));
      throw e;
    }
    return UNTIL_WOKEN;
  }

  /** Whether it has closed or failed, and told everyone. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether enough was written since the last checkpoint; any thread may ask. */
  boolean isCheckpointDue() {
    return checkpointDue;
  }

  private long commit() throws IOException {
    if (diskLookDue()) {
      lookAtDisk();
    }
    drain();
    writeCheckpointSlice();
    tellWritten();
    if (forceDue()) {
      force();
    } else {
      log.flush();
    }
    publish();
    boolean idle = unforced.isEmpty() && run == null && queue.isEmpty();
    if (idle) {
      log.mark();
      if (queue.isDrained()) {
        log.close();
        ended = true;
      }
    }
    return waitNanos();
  }

  private void drain() throws IOException {
    while (unforced.size() < maxUnforcedRecords && log.unforcedBytes() < maxUnforcedBytes) {
      if (queue.isEmpty()) {
        return;
      }
      // Before it is taken: what is taken is told by fail() only once it is in unforced or run.
      rollIfFull();
      Pending pending = Objects.requireNonNull(queue.poll());
      long lsn =
          switch (pending) {
            case Append append -> write(append);
            case Checkpoint checkpoint -> begin(checkpoint);
          };
      if (lsn != pending.lsn) {
        throw new IllegalStateException(
            "LSN: %d written as %d (expected: the same)".formatted(pending.lsn, lsn));
      }
    }
  }

  private long write(Append append) throws IOException {
    unforced.add(append);
    space.dequeue(append.payload.length);
    stats.appended();
    switch (append.durability) {
      case FORCED -> forceWanted = true;
      case OVERLAPPED -> {
        forceWanted = true;
        unwritten.add(append);
      }
      case LAZY -> {
        if (!lazyWaits || append.forceBy - forceBy < 0) {
          lazyWaits = true;
          forceBy = append.forceBy;
        }
      }
    }
    return log.append(Kind.RECORD, ByteBuffer.wrap(append.payload));
  }

  private long begin(Checkpoint checkpoint) throws IOException {
    run = new CheckpointRun(checkpoint);
    ByteBuffer payload = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    payload.putLong(checkpoint.uptoLsn).putInt(checkpoint.live.size()).flip();
    return log.append(Kind.CHECKPOINT_BEGIN, payload);
  }

  private void writeCheckpointSlice() throws IOException {
    CheckpointRun running = run;
    if (running == null) {
      return;
    }
    long until = log.writtenBytes() + CHECKPOINT_SLICE_BYTES;
    Snapshot live = running.checkpoint.live;
    while (running.written < live.size() && log.writtenBytes() < until) {
      rollIfFull();
      byte[] payload = live.payload(running.written++);
      running.bytes += Frame.HEADER_BYTES + payload.length;
      log.append(Kind.LIVE, ByteBuffer.wrap(payload));
    }
    if (running.written == live.size()) {
      ByteBuffer payload = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
      payload.putLong(running.checkpoint.lsn).putInt(live.size()).flip();
      log.append(Kind.CHECKPOINT_END, payload);
      running.complete = true;
    }
  }

  private void rollIfFull() throws IOException {
    if (log.isFull()) {
      force();
      log.roll();
    }
  }

  private boolean forceDue() {
    CheckpointRun running = run;
    return forceWanted
        || (running != null && running.complete)
        || (lazyWaits && (queue.isDrained() || forceBy - clock.getAsLong() <= 0))
        || unforced.size() >= maxUnforcedRecords
        || log.unforcedBytes() >= maxUnforcedBytes;
  }

  /** Before the force that they want, which takes its time. */
  private void tellWritten() throws IOException {
    if (!unwritten.isEmpty()) {
      log.flush();
      completions.written(unwritten);
      unwritten.clear();
    }
  }

  private void force() throws IOException {
    tellWritten();
    long start = clock.getAsLong();
    log.force();
    stats.synced(clock.getAsLong() - start, unforced.size());
    completions.durable(unforced);
    unforced.clear();
    forceWanted = false;
    lazyWaits = false;
    CheckpointRun running = run;
    if (running != null && running.complete) {
      stats.checkpointed(log.deleteUpTo(running.checkpoint.uptoLsn));
      run = null;
      lastCheckpointBytes = running.bytes;
      checkpointedAt = log.writtenBytes();
      publish();
      completions.durable(List.of(running.checkpoint));
    }
  }

  private void fail(JournalFailure failure) {
    ended = true;
    completions.stop(failure);
    queue.close();
    List<Pending> failed = new ArrayList<>(unforced);
    unforced.clear();
    unwritten.clear();
    CheckpointRun running = run;
    if (running != null) {
      failed.add(running.checkpoint);
    }
    while (!queue.isDrained()) {
      Pending pending = queue.poll();
      if (pending == null) {
        // Claimed by a caller that is about to put it there.
        Thread.onSpinWait();
      } else {
        failed.add(pending);
      }
    }
    completions.failed(failed, failure);
    try {
      log.close();
    } catch (IOException e) {
      // The first failure is the one that is told; nothing is expected of this file any more.
      failure.cause().addSuppressed(e);
    }
  }

  private boolean diskLookDue() {
    return log.writtenBytes() - lookedAtBytes >= DISK_LOOK_BYTES
        || clock.getAsLong() - lookedAtNanos >= DISK_LOOK_NANOS;
  }

  private void lookAtDisk() {
    lookedAtBytes = log.writtenBytes();
    lookedAtNanos = clock.getAsLong();
    try {
      space.diskHas(log.freeBytes());
    } catch (IOException e) {
      // A disk that cannot say is trusted with nothing new; if it is broken, the next write tells.
      space.diskHas(0);
    }
  }

  private void publish() {
    space.uses(log.usedBytes());
    stats.written(log.writtenBytes(), log.segments());
    long since = log.writtenBytes() - checkpointedAt;
    checkpointDue =
        since >= Math.max(checkpointBytes, lastCheckpointBytes)
            || (since >= segmentBytes && space.isTight(segmentBytes));
  }

  private long waitNanos() {
    if (ended) {
      return UNTIL_WOKEN;
    }
    if (run != null || !queue.isEmpty()) {
      return 0;
    }
    long wait = UNTIL_WOKEN;
    if (lazyWaits) {
      wait = Math.max(0, forceBy - clock.getAsLong());
    }
    if (space.wantsDiskLook()) {
      wait = Math.min(wait, Math.max(0, lookedAtNanos + DISK_LOOK_NANOS - clock.getAsLong()));
    }
    return wait;
  }

  /** A checkpoint that is being written. */
  private static final class CheckpointRun {
    final Checkpoint checkpoint;
    int written;
    long bytes;
    boolean complete;

    CheckpointRun(Checkpoint checkpoint) {
      this.checkpoint = checkpoint;
    }
  }
}
