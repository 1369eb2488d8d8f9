package io.handfast.tx.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of a journal since it was opened, for metrics. Immutable; one field may be a moment
 * older than another.
 *
 * @param appends records written
 * @param bytes bytes written, frames included
 * @param refused appends refused, for whatever reason
 * @param undelivered completions that an executor refused to run
 * @param syncs {@code fdatasync} calls for group commits
 * @param lastSyncNanos how long the last one took
 * @param maxSyncNanos the longest
 * @param totalSyncNanos all of them together
 * @param batchSizes how many group commits covered {@code 2^i} to {@code 2^(i+1) - 1} records, for
 *     i = 0, 1, …; the last bucket is open
 * @param queuedBytes payload that waits for the writer
 * @param usedBytes what the segments take
 * @param maxBytes what they may take
 * @param segments how many there are
 * @param deletedSegments how many were deleted after checkpoints
 * @param checkpoints how many were completed
 * @param replayed records that the open handed out: what a restart has to take up
 * @param stopped whether the journal has stopped for good
 */
public record JournalStats(
    long appends,
    long bytes,
    long refused,
    long undelivered,
    long syncs,
    long lastSyncNanos,
    long maxSyncNanos,
    long totalSyncNanos,
    List<Long> batchSizes,
    long queuedBytes,
    long usedBytes,
    long maxBytes,
    int segments,
    long deletedSegments,
    long checkpoints,
    long replayed,
    boolean stopped) {

  public JournalStats {
    batchSizes = List.copyOf(batchSizes);
  }

  /** The mean number of records that one sync made durable; 0 before the first. */
  public double meanBatch() {
    return syncs == 0 ? 0 : (double) appends / syncs;
  }

  /** Counts. Thread-safe: the writer adds, anybody reads. */
  static final class Recorder {

    /** Batches of 2^15 records and more share the last bucket. */
    private static final int BUCKETS = 16;

    private final LongAdder refused = new LongAdder();
    private final AtomicLong undelivered = new AtomicLong();
    private final AtomicLong appends = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong syncs = new AtomicLong();
    private final AtomicLong lastSyncNanos = new AtomicLong();
    private final AtomicLong maxSyncNanos = new AtomicLong();
    private final AtomicLong totalSyncNanos = new AtomicLong();
    private final AtomicLongArray batchSizes = new AtomicLongArray(BUCKETS);
    private final AtomicLong segments = new AtomicLong();
    private final AtomicLong deletedSegments = new AtomicLong();
    private final AtomicLong checkpoints = new AtomicLong();
    private final AtomicLong replayed = new AtomicLong();

    void refused() {
      refused.increment();
    }

    void undelivered(int completions) {
      undelivered.addAndGet(completions);
    }

    void appended() {
      appends.incrementAndGet();
    }

    void synced(long nanos, int records) {
      syncs.incrementAndGet();
      lastSyncNanos.set(nanos);
      maxSyncNanos.accumulateAndGet(nanos, Math::max);
      totalSyncNanos.addAndGet(nanos);
      if (records > 0) {
        int bucket =
            Math.min(BUCKETS - 1, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(records));
        batchSizes.incrementAndGet(bucket);
      }
    }

    void written(long totalBytes, int segmentCount) {
      bytes.set(totalBytes);
      segments.set(segmentCount);
    }

    void replayed(long records) {
      replayed.set(records);
    }

    void checkpointed(int deleted) {
      checkpoints.incrementAndGet();
      deletedSegments.addAndGet(deleted);
    }

    JournalStats snapshot(SpaceGuard space, long maxBytes, boolean stopped) {
      List<Long> sizes = new ArrayList<>(BUCKETS);
      for (int i = 0; i < BUCKETS; i++) {
        sizes.add(batchSizes.get(i));
      }
      return new JournalStats(
          appends.get(),
          bytes.get(),
          refused.sum(),
          undelivered.get(),
          syncs.get(),
          lastSyncNanos.get(),
          maxSyncNanos.get(),
          totalSyncNanos.get(),
          sizes,
          space.queuedBytes(),
          space.usedBytes(),
          maxBytes,
          (int) segments.get(),
          deletedSegments.get(),
          checkpoints.get(),
          replayed.get(),
          stopped);
    }
  }
}
