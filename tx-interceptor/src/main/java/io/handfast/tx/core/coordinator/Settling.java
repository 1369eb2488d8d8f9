package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import java.util.List;
import java.util.Set;

/**
 * THREE_PHASE, after a restart that found that all had promised and no decision: the branches end
 * the transaction by themselves, and are asked until one of them says how. Nothing is presumed.
 *
 * @param prepared [PERSISTENT] in the pre-commit record
 * @param attempt [NOT PERSISTENT] because it only spaces the questions
 */
public record Settling(TxId tx, List<BranchVote> prepared, int attempt)
    implements CoordinatorState.ThreePhase {
  public Settling {
    prepared = List.copyOf(prepared);
  }

  Settling again() {
    return new Settling(tx, prepared, attempt + 1);
  }

  Committing committing(Set<Decided> decided, Deliveries deliveries) {
    return new Committing(tx, decided, deliveries, true, true, List.of());
  }

  Aborting aborting(Deliveries deliveries) {
    return new Aborting(tx, deliveries, true, null, List.of());
  }
}
