package io.handfast.tx.journal;

import java.util.List;

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
    boolean stopped) {

  public JournalStats {
    batchSizes = List.copyOf(batchSizes);
  }

  /** The mean number of records that one sync made durable; 0 before the first. */
  public double meanBatch() {
    return syncs == 0 ? 0 : (double) appends / syncs;
  }
}
