package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has been told what and has not acknowledged it. Immutable.
 *
 * @param owed by participant, in the order in which they were told first
 */
public record Deliveries(Map<ParticipantKey, Delivery> owed) {
  static final Deliveries NONE = new Deliveries(FewMap.empty());

  public Deliveries {
    owed = FewMap.copyOf(owed);
  }

  /**
   * One outcome on its way.
   *
   * @param branch whom
   * @param outcome what
   * @param attempt how often it was told
   */
  public record Delivery(BranchVote branch, Outcome outcome, int attempt) {
    Delivery again() {
      return new Delivery(branch, outcome, attempt + 1);
    }
  }

  @Nullable Delivery get(ParticipantKey participant) {
    return owed.get(participant);
  }

  Deliveries with(ParticipantKey participant, Delivery delivery) {
    return new Deliveries(FewMap.copyOf(owed).with(participant, delivery));
  }

  Deliveries with(Map<ParticipantKey, Delivery> more) {
    return more.isEmpty() ? this : new Deliveries(FewMap.copyOf(owed).with(more));
  }

  Deliveries without(Collection<ParticipantKey> participants) {
    return new Deliveries(FewMap.copyOf(owed).without(participants));
  }

  boolean isEmpty() {
    return owed.isEmpty();
  }

  /** True if a participant still has to be told this. */
  boolean owes(Outcome outcome) {
    for (Delivery delivery : owed.values()) {
      if (delivery.outcome() == outcome) {
        return true;
      }
    }
    return false;
  }
}
