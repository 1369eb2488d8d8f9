package io.handfast.tx.core.participant;

import io.handfast.tx.core.BranchVote;
import java.util.List;

/**
 * A call that the service of a branch makes. Immutable.
 *
 * @param optional its failure does not doom the caller
 * @param ended its answer has come, whole
 * @param voted {@code votes} are final: they hold the call's own branch
 * @param votes of the call's branch and everything below, as far as known; all struck once it is
 * @param struck it was reported as failed
 */
record Call(
    boolean optional, boolean ended, boolean voted, List<BranchVote> votes, boolean struck) {
  Call {
    votes = List.copyOf(votes);
  }

  /** Its answer has ended and all votes have arrived (rule T9). */
  boolean isClosed() {
    return struck || (ended && voted);
  }
}
