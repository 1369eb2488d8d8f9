package io.handfast.tx.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where a journal lives and what bounds it. Immutable; start from {@link #of}.
 *
 * @param directory its own directory, created with mode 0700 if missing
 * @param owner whose journal it is, a line of at most 256 characters: one that says it is somebody
 *     else's is refused; empty: nobody asks
 * @param segmentBytes a segment is finished when it has this size (it may exceed it by one record)
 * @param preallocatedBytes how many bytes of zeros are written ahead in the newest segment, so that
 *     a force changes no metadata; 0 for none
 * @param maxBytes what all segments may take together; a checkpoint may exceed it until the
 *     segments that it replaces are deleted
 * @param reserveBytes the part of {@code maxBytes}, and of the free space on the disk, that only
 *     essential records may use
 * @param checkpointBytes how much is appended before {@link Journal#shouldCheckpoint} says yes: it
 *     bounds what a restart replays. As much as the last checkpoint took is appended at least, so
 *     that no more than half of what is written are checkpoints
 * @param maxQueuedRecords how many appends may wait for the writer; a power of two
 * @param maxQueuedBytes how many bytes of payload may wait for the writer
 * @param lazyBound the longest a lazy record waits for its force
 */
public record JournalOptions(
    Path directory,
    String owner,
    int segmentBytes,
    int preallocatedBytes,
    long maxBytes,
    long reserveBytes,
    long checkpointBytes,
    int maxQueuedRecords,
    long maxQueuedBytes,
    Duration lazyBound) {

  private static final int MIB = 1 << 20;

  /** As much as may be written between two looks at the free space. */
  private static final int MAX_PREALLOCATED = MIB;

  public JournalOptions {
    check(
        owner.length() <= 256 && owner.chars().noneMatch(Character::isISOControl),
        "owner",
        owner,
        "a line of at most 256 characters");
    check(
        segmentBytes >= 4096 && segmentBytes <= 1024 * MIB,
        "segmentBytes",
        segmentBytes,
        "4096 to 1073741824");
    check(
        preallocatedBytes >= 0 && preallocatedBytes <= MAX_PREALLOCATED,
        "preallocatedBytes",
        preallocatedBytes,
        "0 to " + MAX_PREALLOCATED);
    check(reserveBytes >= 0, "reserveBytes", reserveBytes, "0 or more");
    check(
        maxBytes >= 2L * segmentBytes + reserveBytes,
        "maxBytes",
        maxBytes,
        "at least two segments and the reserve, " + (2L * segmentBytes + reserveBytes));
    check(checkpointBytes > 0, "checkpointBytes", checkpointBytes, "more than 0");
    check(
        maxQueuedRecords >= 2 && Integer.bitCount(maxQueuedRecords) == 1,
        "maxQueuedRecords",
        maxQueuedRecords,
        "a power of two, at least 2");
    check(
        maxQueuedBytes >= Journal.MAX_RECORD_BYTES,
        "maxQueuedBytes",
        maxQueuedBytes,
        "at least one record, " + Journal.MAX_RECORD_BYTES);
    check(
        !lazyBound.isNegative() && lazyBound.compareTo(Duration.ofMinutes(1)) <= 0,
        "lazyBound",
        lazyBound,
        "0 to 1 minute");
  }

  /**
   * The defaults: segments of 16 MiB, of which 1 MiB is allocated ahead, 512 MiB in all with 32 MiB
   * in reserve, a checkpoint each 16 MiB, 8192 records and 32 MiB waiting, 10 ms for lazy records
   * (T16).
   */
  public static JournalOptions of(Path directory) {
    return new JournalOptions(
        directory,
        "",
        16 * MIB,
        MIB,
        512L * MIB,
        32L * MIB,
        16L * MIB,
        8192,
        32L * MIB,
        Duration.ofMillis(10));
  }

  /** The same of somebody. */
  public JournalOptions withOwner(String whose) {
    return new JournalOptions(
        directory,
        whose,
        segmentBytes,
        preallocatedBytes,
        maxBytes,
        reserveBytes,
        checkpointBytes,
        maxQueuedRecords,
        maxQueuedBytes,
        lazyBound);
  }

  /** The same with another segment size, in bytes. */
  public JournalOptions withSegmentBytes(int bytes) {
    return new JournalOptions(
        directory,
        owner,
        bytes,
        preallocatedBytes,
        maxBytes,
        reserveBytes,
        checkpointBytes,
        maxQueuedRecords,
        maxQueuedBytes,
        lazyBound);
  }

  /** The same with another number of bytes that are allocated ahead. */
  public JournalOptions withPreallocatedBytes(int bytes) {
    return new JournalOptions(
        directory,
        owner,
        segmentBytes,
        bytes,
        maxBytes,
        reserveBytes,
        checkpointBytes,
        maxQueuedRecords,
        maxQueuedBytes,
        lazyBound);
  }

  /** The same with another limit and reserve, in bytes. */
  public JournalOptions withSpace(long max, long reserve) {
    return new JournalOptions(
        directory,
        owner,
        segmentBytes,
        preallocatedBytes,
        max,
        reserve,
        checkpointBytes,
        maxQueuedRecords,
        maxQueuedBytes,
        lazyBound);
  }

  /** The same with another distance between checkpoints, in bytes. */
  public JournalOptions withCheckpointBytes(long bytes) {
    return new JournalOptions(
        directory,
        owner,
        segmentBytes,
        preallocatedBytes,
        maxBytes,
        reserveBytes,
        bytes,
        maxQueuedRecords,
        maxQueuedBytes,
        lazyBound);
  }

  /** The same with another bound of the queue. */
  public JournalOptions withQueue(int records, long bytes) {
    return new JournalOptions(
        directory,
        owner,
        segmentBytes,
        preallocatedBytes,
        maxBytes,
        reserveBytes,
        checkpointBytes,
        records,
        bytes,
        lazyBound);
  }

  private static void check(boolean ok, String name, Object value, String expected) {
    if (!ok) {
      throw new IllegalArgumentException("%s: %s (expected: %s)".formatted(name, value, expected));
    }
  }
}
