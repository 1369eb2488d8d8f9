package io.handfast.tx.port;

import io.handfast.transaction.v1.Record;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where decisions and branch records are kept: a journal, which is this sidecar's own, or a {@link
 * SharedStore}. The store is the decider: its id names who alone may answer from absence (T13).
 *
 * <p>Confined to the {@link EngineLoop}: it is called there and calls back there, in the order of
 * the writes, never from inside the call.
 */
public interface TransactionStore {

  /** When a record has to be durable. */
  enum Durability {
    /** With the next group commit. */
    FORCED,
    /** As FORCED; beside that it is told when the death of the process cannot lose it any more. */
    OVERLAPPED,
    /** On the next group commit that a forced write causes, at the latest 10 ms later (T16). */
    LAZY
  }

  /** What a record is for: who is refused first when space runs short. */
  enum Need {
    /** Finishes what has begun: may use the reserve. */
    ESSENTIAL,
    /** Begins something. */
    NEW_WORK
  }

  /** Whether new transactions may begin. */
  sealed interface Health {

    /** The store takes records. */
    record Ready() implements Health {}

    /** The store takes none that begin something, or none at all, until this is healed. */
    record Failed(String reason) implements Health {}
  }

  /** Told exactly once what became of a write; of an overlapped one, before, when it is written. */
  interface WriteCallback {

    /** The record survives the death of the process, not of the machine. For OVERLAPPED only. */
    default void onWritten() {}

    /** The record, and every one written before it, is durable. */
    void onDurable();

    /** Nothing was written and nothing will be. */
    void onRefused(String reason);

    /** As {@link #onRefused}, and offering it again is in vain. */
    default void onRefusedForGood(String reason) {
      onRefused(reason);
    }

    /** The record may or may not be there after a restart (T18). */
    void onInDoubt(String reason);

    /**
     * Another record stands in its place, which this one will never take: ABORT in the place of a
     * decision (T19). Of a {@link SharedStore} only.
     */
    default void onLost(String reason) {
      onRefused(reason);
    }
  }

  /** `j.` and the id drawn when the journal was initialised, or `e.` and that of the prefix. */
  String storeId();

  /**
   * The ids of the stores that this one was restored from. What it holds of them it may tell; what
   * it does not hold says nothing (T13).
   */
  default Set<String> formerIds() {
    return Set.of();
  }

  /** 1 at the first start on this store; grows with every other. */
  long incarnation();

  /**
   * Hands over what the store held when it was opened, in order, and forgets it; called once,
   * before the first write. What it hands over is durable (T13).
   */
  void replay(Consumer<Record> visitor);

  /**
   * Writes a record. Never blocks.
   *
   * @return true if it was taken, so that a later {@link #checkpoint} has to keep what it says;
   *     false if not: the callback is told {@code onRefused}
   */
  boolean append(Record record, Durability durability, Need need, WriteCallback callback);

  /** Whether {@link #checkpoint} should be called. Cheap enough to be asked after every write. */
  boolean shouldCheckpoint();

  /**
   * Replaces history by its result: everything written so far may be dropped once {@code live} is
   * durable. What cannot be done is left; the next {@link #shouldCheckpoint} says so.
   *
   * @param live every record that still matters, in the order in which it is to be replayed
   */
  void checkpoint(List<Record> live);

  /** Whether the store takes new work. From any thread, at once. */
  Health health();
}
