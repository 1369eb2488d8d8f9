package io.handfast.tx.simulation;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a record says, as far as the promises are about it. */
sealed interface Entry {
  record Begun(int node) implements Entry {}

  record Prepared(int node) implements Entry {}

  /**
   * The decision to commit.
   *
   * @param own the root's branch record rides in it
   * @param incarnation under which the transaction began; 0 in a journal
   */
  record Decision(Set<BranchId> branches, boolean own, long incarnation) implements Entry {}

  /** The decision of the only branch that updates. */
  record Decided(int node) implements Entry {}

  /** What an operator decided for a branch in doubt. */
  record Resolved(int node, Outcome outcome) implements Entry {}

  /** What the transaction came to, where an operator had decided. */
  record Settled(int node, Outcome truth) implements Entry {}

  /**
   * The end of a branch.
   *
   * @param word what an operator had decided; null if none had
   */
  record BranchEnded(int node, BranchOutcome outcome, @Nullable Outcome word) implements Entry {}

  record TransactionEnded(boolean hazard) implements Entry {}
}
