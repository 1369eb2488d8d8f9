package io.handfast.tx.engine.base;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.coordinator.CoordinatorCore;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.port.TransactionStore;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * As whom this sidecar's store may speak (T13). Immutable.
 *
 * @param own its id: in that name absence answers
 * @param former ids of the stores that it was restored from: in their name only what is held
 */
public record StoreIdentity(StoreId own, Set<String> former) {
  public StoreIdentity {
    former = Set.copyOf(former);
  }

  /** That of a store. */
  public static StoreIdentity of(TransactionStore store) {
    return new StoreIdentity(new StoreId(store.storeId()), store.formerIds());
  }

  /** Whether a store is this one, or one that it was restored from. */
  public boolean holds(StoreId store) {
    return store.equals(own) || former.contains(store.value());
  }

  /**
   * What an inquiry is answered.
   *
   * @param decider whom the inquiry names
   * @param held the transaction's decider and state, if it is held here
   * @param replayed the store has been read to its end since the start
   */
  public Answer answer(
      String decider, @Nullable Held held, ParticipantKey asker, boolean replayed) {
    return answer(decider, held, asker, replayed, Protocol.TWO_PHASE);
  }

  /** The same, of a branch that says by which protocol its transaction commits. */
  public Answer answer(
      String decider,
      @Nullable Held held,
      ParticipantKey asker,
      boolean replayed,
      Protocol protocol) {
    return answer(decider, held, asker, "", replayed, protocol);
  }

  /** The same, of what is prepared under a handle (T14). */
  public Answer answer(
      String decider,
      @Nullable Held held,
      ParticipantKey asker,
      String handle,
      boolean replayed,
      Protocol protocol) {
    boolean ours = decider.equals(own.value());
    boolean mayHold = ours || former.contains(decider);
    if (!mayHold) {
      return Answer.NOT_MINE;
    }
    if (held != null && !held.decider().value().equals(decider)) {
      return Answer.NOT_MINE;
    }
    if (held == null && !ours) {
      // The backup may be older than the decision.
      return replayed ? Answer.NOT_MINE : CoordinatorCore.whileReading(protocol);
    }
    return CoordinatorCore.answer(
        held == null ? null : held.state(), asker, handle, true, replayed, protocol);
  }

  /** A transaction that is held here. */
  public record Held(StoreId decider, CoordinatorState state) {}
}
