package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a transaction asks its shell to do. Immutable. */
public sealed interface CoordinatorEffect {

  /**
   * Write the decision to commit and force it; answered by {@code DecisionDurable}, {@code
   * DecisionLost}, {@code DecisionRefused} or {@code DecisionFailed}.
   *
   * @param branches that have to commit, each with its participant
   * @param recordRides the root's branch record goes into the same record
   */
  record ForceDecision(List<BranchVote> branches, boolean recordRides)
      implements CoordinatorEffect {
    public ForceDecision {
      branches = List.copyOf(branches);
    }
  }

  /**
   * End the doubt of a failed decision by the store: write ABORT unless a decision stands, read it
   * if one does (rule T18). Answered by {@code DecisionDurable}, {@code DecisionLost}, {@code
   * Unresolved} or {@code Unresolvable}.
   *
   * @param attempt from 1
   */
  record Resolve(int attempt) implements CoordinatorEffect {}

  /**
   * Ask a branch that voted {@code ask} to prepare; answered by {@code PrepareAnswered} or {@code
   * PrepareUnanswered}, once for each.
   *
   * @param branch whom; always with a participant
   * @param attempt from 1; later ones because it was at work
   */
  record SendPrepare(BranchVote branch, int attempt) implements CoordinatorEffect {}

  /**
   * Leave the decision to the only branch that updates (ONE_PHASE); answered by {@code
   * DelegationAnswered} or {@code DelegationUnanswered}, once for each.
   *
   * @param branch whom; always with a participant
   * @param attempt from 1
   */
  record SendDelegation(BranchVote branch, int attempt) implements CoordinatorEffect {}

  /**
   * Tell a participant the outcome; answered by {@code Acknowledged} or {@code Undelivered}, once
   * for each.
   *
   * @param branch whom; always with a participant
   * @param attempt from 1
   * @param awaited a client waits for it
   */
  record SendOutcome(BranchVote branch, Outcome outcome, int attempt, boolean awaited)
      implements CoordinatorEffect {}

  /** Give the client the held response, with {@code tx-outcome: committed}. */
  record ReleaseResponse() implements CoordinatorEffect {}

  /**
   * Give the client an error.
   *
   * @param blame the branch that said no, where one did
   * @param detail of what is no branch's fault, for people
   */
  record AnswerFailure(Failure failure, @Nullable Blame blame, String detail)
      implements CoordinatorEffect {}

  /** What a client is told in the place of a success. */
  enum Failure {
    /** The service's own error, with {@code tx-outcome: aborted}. */
    OWN_ERROR,
    /** What the data path says of the lost answer, else 504; {@code tx-outcome: aborted}. */
    NO_ANSWER,
    /**
     * 409 with a problem document that names the branch that said no, {@code tx-outcome: aborted}.
     */
    ABORTED,
    /** 504, {@code tx-outcome: aborted}. */
    DEADLINE,
    /**
     * 503, {@code tx-outcome: aborted}: the service was not reached, or the store takes no records.
     */
    UNAVAILABLE,
    /**
     * 503, {@code tx-outcome: unknown}: the store could not say whether the decision is durable.
     */
    UNKNOWN,
    /**
     * 500 with a problem document, {@code tx-outcome: unknown}: a participant could not do as it
     * was told, commit or undo (rule T21). Takes the place of every other but {@code UNKNOWN}.
     */
    HAZARD
  }

  /** Write that nothing is owed any more, some time (not forced). */
  record WriteEnded(boolean hazard) implements CoordinatorEffect {}

  /**
   * Start a timer, in the place of one of the same kind and participant.
   *
   * @param participant of {@code REDELIVER}, who is told, or asked, again; else null
   * @param attempt from 1, for the back-off of {@code REDELIVER}
   */
  record StartTimer(TimerKind kind, @Nullable ParticipantKey participant, int attempt)
      implements CoordinatorEffect {}

  record CancelTimer(TimerKind kind, @Nullable ParticipantKey participant)
      implements CoordinatorEffect {}

  /** Show a person that a participant did not do as decided. */
  record ReportHazard(ParticipantKey participant, String detail) implements CoordinatorEffect {}

  /**
   * Let go of the machine and all of its timers. From now on absence answers for this transaction.
   */
  record Forget() implements CoordinatorEffect {}

  /** Effects of THREE_PHASE alone. */
  sealed interface ThreePhase extends CoordinatorEffect {}

  /**
   * Ask a branch whether it can commit, and tell it who the others are; answered as {@link
   * SendPrepare}.
   *
   * @param members all branches that update
   * @param attempt from 1
   */
  record SendCanCommit(BranchVote branch, List<Member> members, int attempt) implements ThreePhase {
    public SendCanCommit {
      members = List.copyOf(members);
    }
  }

  /**
   * Write that all have promised and force it; answered by {@code PreCommitDurable} or {@code
   * PreCommitFailed}.
   */
  record ForcePreCommit(List<BranchVote> branches) implements ThreePhase {
    public ForcePreCommit {
      branches = List.copyOf(branches);
    }
  }

  /**
   * Ask a branch how it stands; answered by {@code MemberAnswered} or {@code MemberUnanswered},
   * once for each.
   *
   * @param preCommit and to pre-commit before it answers
   * @param attempt from 1
   */
  record AskStanding(BranchVote branch, boolean preCommit, int attempt) implements ThreePhase {}
}
