package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Vote;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What may happen to a transaction at its coordinator. Immutable. */
public sealed interface CoordinatorEvent {

  /**
   * A request without context arrived on a boundary route. Nothing is written (presumed abort).
   *
   * @param root the branch of the service behind the boundary
   * @param completionWait the response waits, after the decision, for the branches to have carried
   *     it out
   */
  record Began(Branch root, boolean completionWait) implements CoordinatorEvent {}

  /**
   * The store holds this decision and no end of it: the sidecar has restarted.
   *
   * @param branches that have to commit
   */
  record Recovered(List<BranchVote> branches) implements CoordinatorEvent {
    public Recovered {
      branches = List.copyOf(branches);
    }
  }

  /** Branches were struck off below the root, which has not voted yet (rule T12). */
  record Struck(List<BranchVote> votes) implements CoordinatorEvent {
    public Struck {
      votes = List.copyOf(votes);
    }
  }

  /**
   * The root cannot commit any more; its service still works, and {@code RootClosed} is to come.
   */
  record Doomed(List<BranchVote> votes, Blame blame) implements CoordinatorEvent {
    public Doomed {
      votes = List.copyOf(votes);
    }
  }

  /**
   * The root has closed: its vote and those of every branch below.
   *
   * @param recordRides the root's branch record is to be written in the same force as the decision
   */
  record RootClosed(List<BranchVote> votes, RootAnswer answer, boolean recordRides)
      implements CoordinatorEvent {
    public RootClosed {
      votes = List.copyOf(votes);
    }
  }

  /**
   * A branch answered that it was asked to prepare.
   *
   * @param vote {@code PREPARED}, {@code READ_ONLY} or {@code ABORT}; {@code ASK} if it is still at
   *     work and is to be asked again
   * @param reason of an abort, for people
   */
  record PrepareAnswered(ParticipantKey participant, Vote vote, String reason)
      implements CoordinatorEvent {}

  /**
   * A branch did not answer that it was asked to prepare.
   *
   * @param reason for people
   */
  record PrepareUnanswered(ParticipantKey participant, String reason) implements CoordinatorEvent {}

  /**
   * The branch to which the decision was left answered.
   *
   * @param answer COMMITTED or ABORTED, which is final; PENDING if it is at work; NOT_MINE if it
   *     knows nothing, which says nothing
   * @param reason of an abort, for people
   */
  record DelegationAnswered(ParticipantKey participant, Answer answer, String reason)
      implements CoordinatorEvent {}

  /**
   * The branch to which the decision was left did not answer: it may have committed.
   *
   * @param reason for people
   */
  record DelegationUnanswered(ParticipantKey participant, String reason)
      implements CoordinatorEvent {}

  /** The decision is durable. */
  record DecisionDurable() implements CoordinatorEvent {}

  /** The store did not take the decision: nothing was written and nothing will be. */
  record DecisionRefused(String reason) implements CoordinatorEvent {}

  /**
   * The write of the decision failed, and may be durable all the same (rule T18).
   *
   * @param resolvable the store can end the doubt while this sidecar lives: one that is shared can,
   *     a journal has to be read by a restart
   */
  record DecisionFailed(String reason, boolean resolvable) implements CoordinatorEvent {
    public DecisionFailed(String reason) {
      this(reason, false);
    }
  }

  /**
   * ABORT stands in the store in the place of the decision, which will never be there: a
   * participant wrote it after the deadline, or this coordinator did to end its own doubt (rules
   * T18 and T19).
   */
  record DecisionLost(String reason) implements CoordinatorEvent {}

  /** The store did not answer what became of the decision: the doubt goes on. */
  record Unresolved(String reason) implements CoordinatorEvent {}

  /**
   * No decision stands and none can be written any more, for this sidecar's incarnation is gone. It
   * may have been there, been carried out by a replica and forgotten: only participants in doubt
   * can tell (rule T18).
   */
  record Unresolvable(String reason) implements CoordinatorEvent {}

  /**
   * A participant answered an outcome.
   *
   * @param detail of a hazard
   */
  record Acknowledged(ParticipantKey participant, Acknowledgement acknowledgement, String detail)
      implements CoordinatorEvent {}

  /** A participant did not answer an outcome. */
  record Undelivered(ParticipantKey participant) implements CoordinatorEvent {}

  /** The client has gone without waiting for the response. */
  record ClientGone() implements CoordinatorEvent {}

  /**
   * A timer that was started has run out. One that was cancelled, or belongs to an earlier state,
   * may still come.
   *
   * @param participant of {@code REDELIVER}; else null
   */
  record TimerFired(TimerKind kind, @Nullable ParticipantKey participant)
      implements CoordinatorEvent {}

  /** Events of THREE_PHASE alone. */
  sealed interface ThreePhase extends CoordinatorEvent {}

  /**
   * The store holds that all had promised, and neither a decision nor an end: the sidecar has
   * restarted. What has become of it since the participants know.
   */
  record RecoveredPreCommit(List<BranchVote> branches) implements ThreePhase {
    public RecoveredPreCommit {
      branches = List.copyOf(branches);
    }
  }

  /** That all have promised is durable. */
  record PreCommitDurable() implements ThreePhase {}

  /** It is not, or nobody knows. Nobody was told. */
  record PreCommitFailed(String reason) implements ThreePhase {}

  /** A branch said how it stands, asked that, or asked to pre-commit. */
  record MemberAnswered(ParticipantKey participant, Standing standing) implements ThreePhase {}

  /** A branch did not answer: on a synchronous network its sidecar has died. */
  record MemberUnanswered(ParticipantKey participant) implements ThreePhase {}
}
