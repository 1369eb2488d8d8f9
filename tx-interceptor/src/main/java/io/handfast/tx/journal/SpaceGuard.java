package io.handfast.tx.journal;

import io.handfast.tx.journal.AppendResult.JournalFull;
import io.handfast.tx.journal.Journal.Need;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Turns away what would fill the disk before the disk does, so that decisions and ends that are
 * already owed find room. Thread-safe: callers ask, the writer tells what it knows.
 */
final class SpaceGuard {

  /**
   * Free space that even essential records leave: the writer looks at the disk once a second and
   * for each MiB that it writes, so what it knows may be that old. A write that meets a full disk
   * stops the journal for good; a refusal does not.
   */
  private static final long ESSENTIAL_FLOOR = 2L << 20;

  private final long maxBytes;
  private final long reserveBytes;
  private final long maxQueuedBytes;
  private final AtomicLong queuedBytes = new AtomicLong();
  private volatile long usedBytes;
  private volatile long freeBytes = Long.MAX_VALUE;
  private volatile boolean shortOfDisk;

  SpaceGuard(JournalOptions options) {
    this.maxBytes = options.maxBytes();
    this.reserveBytes = options.reserveBytes();
    this.maxQueuedBytes = options.maxQueuedBytes();
  }

  /** Why there is no space for so much, or null if there is. */
  @Nullable JournalFull refuse(Need need, long bytes) {
    long ahead = queuedBytes.get() + bytes;
    long used = usedBytes + ahead;
    long free = freeBytes - ahead;
    boolean newWork = need == Need.NEW_WORK;
    long keep = newWork ? reserveBytes : Math.min(reserveBytes, ESSENTIAL_FLOOR);
    if (free < keep) {
      shortOfDisk = true;
      return full();
    }
    return used > (newWork ? maxBytes - reserveBytes : maxBytes) ? full() : null;
  }

  /** Why a checkpoint does not fit on the disk, or null; {@code maxBytes} does not bind it. */
  @Nullable JournalFull refuseCheckpoint(long bytes) {
    if (freeBytes - queuedBytes.get() - bytes < Math.min(reserveBytes, ESSENTIAL_FLOOR)) {
      shortOfDisk = true;
      return full();
    }
    return null;
  }

  /** Whether less is left for new work than one segment. */
  boolean isTight(int segmentBytes) {
    return usedBytes > maxBytes - reserveBytes - segmentBytes;
  }

  /** Takes room in the queue; false if there is none. */
  boolean enqueue(long bytes) {
    if (queuedBytes.addAndGet(bytes) > maxQueuedBytes) {
      dequeue(bytes);
      return false;
    }
    return true;
  }

  void dequeue(long bytes) {
    queuedBytes.addAndGet(-bytes);
  }

  /** Whether somebody was refused because of the disk since it was last looked at. */
  boolean wantsDiskLook() {
    return shortOfDisk;
  }

  void diskHas(long free) {
    freeBytes = free;
    shortOfDisk = false;
  }

  void uses(long bytes) {
    usedBytes = bytes;
  }

  long queuedBytes() {
    return queuedBytes.get();
  }

  long usedBytes() {
    return usedBytes;
  }

  private JournalFull full() {
    return new JournalFull(usedBytes, maxBytes, freeBytes, reserveBytes);
  }
}
