package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.vote;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Acknowledged;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Began;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import java.util.List;

/** Votes and events that tests of the coordinator have in common. */
final class CoordinatorSamples {
  static final Branch ROOT = branch(1, Durability.FORCED, true);
  static final BranchVote OWN_YES = vote(1, Vote.PREPARED);
  static final BranchVote OWN_READ_ONLY = vote(1, Vote.READ_ONLY);
  static final BranchVote OWN_NO = vote(1, Vote.ABORT, "call failed");
  static final BranchVote YES_2 = vote(2, Vote.PREPARED);
  static final BranchVote YES_3 = vote(3, Vote.PREPARED);

  private CoordinatorSamples() {}

  static Began began(boolean completionWait) {
    return new Began(ROOT, completionWait);
  }

  /** The boundary's service has succeeded. */
  static RootClosed closed(BranchVote... votes) {
    return new RootClosed(List.of(votes), RootAnswer.SUCCESS, false);
  }

  /** The n-th sample branch has been told, and answers. */
  static Acknowledged ack(long n, Acknowledgement acknowledgement) {
    return new Acknowledged(key(n), acknowledgement, "422");
  }

  /** A timer of the transaction, not of one participant. */
  static TimerFired fired(TimerKind kind) {
    return new TimerFired(kind, null);
  }
}
