package io.handfast.tx.journal;

import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Snapshot;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue in front of the writer: many threads offer, one takes; no locks. The place in
 * the queue is the LSN, so the order of LSNs is the order of writing whoever races.
 *
 * <p>Closing is a bit in the counter that offers compete for: after {@link #close} no offer can
 * succeed, and everything that succeeded before will be taken.
 */
final class AppendQueue {

  /** What {@link #offer} says when there is no room. */
  static final long FULL = -1;

  /** What {@link #offer} says after {@link #close}. */
  static final long CLOSED = -2;

  private static final long CLOSED_BIT = Long.MIN_VALUE;

  private final AtomicReferenceArray<@Nullable Pending> slots;
  private final int mask;
  private final long firstLsn;
  private final AtomicLong claimed = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();

  /** The taker while it waits. */
  private final AtomicReference<@Nullable Thread> waiting = new AtomicReference<>();

  /**
   * Makes an empty queue.
   *
   * @param capacity a power of two
   * @param firstLsn the LSN of the first entry
   */
  AppendQueue(int capacity, long firstLsn) {
    this.slots = new AtomicReferenceArray<>(capacity);
    this.mask = capacity - 1;
    this.firstLsn = firstLsn;
  }

  /** Adds an entry and gives it its LSN; or {@link #FULL} or {@link #CLOSED}. */
  long offer(Pending pending) {
    long place;
    do {
      place = claimed.get();
      if (place < 0) {
        return CLOSED;
      }
      if (place - taken.get() > mask) {
        return FULL;
      }
    } while (!claimed.compareAndSet(place, place + 1));
    long lsn = firstLsn + place;
    pending.lsn = lsn;
    slots.set((int) place & mask, pending);
    wake();
    return lsn;
  }

  /** The oldest entry, or null; for the one thread that takes. */
  @Nullable Pending poll() {
    long place = taken.get();
    int slot = (int) place & mask;
    Pending pending = slots.get(slot);
    if (pending != null) {
      slots.set(slot, null);
      taken.set(place + 1);
    }
    return pending;
  }

  /** Whether the next {@link #poll} would find nothing. */
  boolean isEmpty() {
    return slots.get((int) taken.get() & mask) == null;
  }

  /** Refuses all later offers. */
  void close() {
    claimed.getAndUpdate(place -> place | CLOSED_BIT);
    wake();
  }

  /**
   * Waits until something is offered, the queue is closed, {@link #wake} is called or the time is
   * up, or for no reason; for the one thread that takes.
   */
  void await(long nanos) {
    waiting.set(Thread.currentThread());
    // What came before the flag was up did not wake us: look once more.
    if (isEmpty() && claimed.get() >= 0) {
      LockSupport.parkNanos(this, nanos);
    }
    waiting.set(null);
  }

  /** Ends an {@link #await}; costs one read while nobody waits. */
  void wake() {
    if (waiting.get() != null) {
      LockSupport.unpark(waiting.getAndSet(null));
    }
  }

  /** Whether it is closed and every entry was taken. */
  boolean isDrained() {
    long place = claimed.get();
    return place < 0 && (place & ~CLOSED_BIT) == taken.get();
  }

  /** The LSN of the newest entry. */
  long lastLsn() {
    return firstLsn - 1 + (claimed.get() & ~CLOSED_BIT);
  }

  /** What waits to be written and then for its force; the LSN is set by {@link #offer}. */
  abstract static sealed class Pending {
    final Executor executor;
    final AppendCallback callback;
    long lsn;

    private Pending(Executor executor, AppendCallback callback) {
      this.executor = executor;
      this.callback = callback;
    }
  }

  /** A record. */
  static final class Append extends Pending {
    final byte[] payload;
    final Durability durability;

    /** When a lazy one has to be forced, on the journal's clock. */
    final long forceBy;

    Append(
        byte[] payload,
        Durability durability,
        long forceBy,
        Executor executor,
        AppendCallback callback) {
      super(executor, callback);
      this.payload = payload;
      this.durability = durability;
      this.forceBy = forceBy;
    }
  }

  /** A checkpoint. */
  static final class Checkpoint extends Pending {
    final Snapshot live;
    final long uptoLsn;

    Checkpoint(Snapshot live, long uptoLsn, Executor executor, AppendCallback callback) {
      super(executor, callback);
      this.live = live;
      this.uptoLsn = uptoLsn;
    }
  }
}
