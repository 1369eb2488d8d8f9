package io.handfast.tx.engine.base;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Decider;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.port.Peer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Branches that are over, until their deadline: a duplicate of one gets its answer or is refused,
 * an outcome for it is acknowledged (T16, and the guards). Bounded by {@link Bounds#MAX_REMEMBERED}
 * entries and {@link Bounds#MAX_STORED_ANSWER_BYTES} of answers; the oldest go first. Confined to
 * the engine's loop.
 */
public final class Remembered {

  /** An answer and what the sidecar put beside it. */
  public record Replay(StoredAnswer answer, List<Field> added) {
    public Replay {
      added = List.copyOf(added);
    }

    long bytes() {
      return answer.body() == null ? 0 : answer.body().size();
    }
  }

  /**
   * Who told an outcome.
   *
   * @param store in whose name
   * @param authority that he gave, for the log
   */
  public record Teller(String store, Peer peer, String authority) {}

  /**
   * A branch that is over.
   *
   * @param outcome how it ended; ABORTED for one that never ran here
   * @param detail of a hazard
   * @param replay its answer, if it had one that may be given again
   * @param decider whose outcome it was (T20); null for one that never ran here
   * @param teller of the ABORT of one that never ran here, who has to prove to be its decider if it
   *     comes yet (T20); null for this sidecar itself
   * @param elsewhere another sidecar has taken it over: how it ended the store says (T19)
   */
  public record Memory(
      BranchOutcome outcome,
      String detail,
      long untilNanos,
      @Nullable Replay replay,
      @Nullable Decider decider,
      @Nullable Teller teller,
      boolean elsewhere) {

    /** Of one that was over here. */
    public Memory(
        BranchOutcome outcome,
        String detail,
        long untilNanos,
        @Nullable Replay replay,
        @Nullable Decider decider,
        @Nullable Teller teller) {
      this(outcome, detail, untilNanos, replay, decider, teller, false);
    }

    /** Of one that another sidecar has taken over. */
    public static Memory takenOver(long untilNanos, @Nullable Replay replay, Decider decider) {
      return new Memory(
          BranchOutcome.HAZARD,
          "taken over by another replica",
          untilNanos,
          replay,
          decider,
          null,
          true);
    }

    Memory withoutReplay() {
      return new Memory(outcome, detail, untilNanos, null, decider, teller, elsewhere);
    }
  }

  private final Map<BranchKey, Memory> memories = new HashMap<>();
  private final ArrayDeque<BranchKey> order = new ArrayDeque<>();
  private final ArrayDeque<BranchKey> withReplay = new ArrayDeque<>();
  private long replayBytes;

  public @Nullable Memory get(BranchKey key) {
    return memories.get(key);
  }

  public int size() {
    return memories.size();
  }

  public void put(BranchKey key, Memory memory, long nowNanos) {
    expire(nowNanos);
    Memory before = memories.put(key, memory);
    if (before == null) {
      order.addLast(key);
    } else if (before.replay() != null) {
      replayBytes -= before.replay().bytes();
    }
    if (memory.replay() != null) {
      replayBytes += memory.replay().bytes();
      withReplay.addLast(key);
    }
    while (order.size() > Bounds.MAX_REMEMBERED) {
      drop(order.removeFirst());
    }
    while (replayBytes > Bounds.MAX_STORED_ANSWER_BYTES && !withReplay.isEmpty()) {
      forgetReplay(withReplay.removeFirst());
    }
  }

  /**
   * Deadlines differ, so what has passed is looked for among the oldest only: a few for each put.
   */
  private void expire(long nowNanos) {
    Iterator<BranchKey> oldest = order.iterator();
    for (int i = 0; i < 4 && oldest.hasNext(); i++) {
      BranchKey key = oldest.next();
      Memory memory = memories.get(key);
      if (memory == null || memory.untilNanos() - nowNanos < 0) {
        oldest.remove();
        drop(key);
      }
    }
  }

  private void drop(BranchKey key) {
    Memory dropped = memories.remove(key);
    if (dropped != null && dropped.replay() != null) {
      replayBytes -= dropped.replay().bytes();
      withReplay.remove(key);
    }
  }

  private void forgetReplay(BranchKey key) {
    Memory memory = memories.get(key);
    if (memory != null && memory.replay() != null) {
      replayBytes -= memory.replay().bytes();
      memories.put(key, memory.withoutReplay());
    }
  }
}
