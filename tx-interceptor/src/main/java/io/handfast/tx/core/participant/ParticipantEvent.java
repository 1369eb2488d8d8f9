package io.handfast.tx.core.participant;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Standing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What may happen to a branch. Immutable. */
public sealed interface ParticipantEvent {

  /**
   * A request arrived whose context names this branch, the first to do so. The deadline's timer is
   * started by this.
   */
  record Opened() implements ParticipantEvent {}

  /**
   * The store holds this branch and no end of it: the sidecar has restarted.
   *
   * @param restored its record comes from a backup, after which it may have ended (rule T13)
   */
  record Recovered(Found found, boolean restored) implements ParticipantEvent {
    /** Of a record that is the newest. */
    public Recovered(Found found) {
      this(found, false);
    }
  }

  /** The strongest record that a recovery found. */
  enum Found {
    /** BEGUN, which a second record must follow: nothing was voted. */
    BEGUN,
    /** BEGUN that is itself the branch record: it may have voted. */
    BEGUN_COMPLETE,
    /** The branch record. */
    PREPARED,
    /** The branch's own decision to commit (ONE_PHASE). */
    DECIDED,
    /** In doubt, an operator decided to commit. */
    RESOLVED_COMMIT,
    /** In doubt, an operator decided to abort. */
    RESOLVED_ABORT,
    /** That all have promised (THREE_PHASE). */
    PRE_COMMITTED,
    /** That it decided to abort, in the coordinator's place (THREE_PHASE). */
    WITHDRAWN
  }

  /**
   * An overlapped BEGUN is written: it survives the death of the process, not of the machine.
   * {@code BegunDurable} is to come.
   */
  record BegunWritten() implements ParticipantEvent {}

  /** BEGUN is durable. */
  record BegunDurable() implements ParticipantEvent {}

  /**
   * The branch has prepared in its resource, which keeps it durably: it has no Try here, no record,
   * and nobody below it. Its vote is told by the branch that it belongs to.
   */
  record PreparedInResource() implements ParticipantEvent {}

  /** The branch record is durable. */
  record RecordDurable() implements ParticipantEvent {}

  /** The end record is durable. */
  record EndDurable() implements ParticipantEvent {}

  /** A write failed, or was refused: the record is not there, or nobody knows (rule T18). */
  record WriteFailed(Write write, String reason) implements ParticipantEvent {}

  /** The records that a branch writes. */
  enum Write {
    BEGUN,
    BRANCH_RECORD,
    OWN_DECISION,
    RESOLUTION,
    END
  }

  /**
   * The head of a successful answer that is too large to be held wants to leave; its end will be
   * told.
   */
  record AnswerStarted() implements ParticipantEvent {}

  /**
   * The service's answer is here, whole, or will not come. The clean end of the answer is what
   * makes it whole.
   *
   * @param detail of what is not success, for people; empty with success
   */
  record ServiceAnswered(TryAnswer answer, String detail) implements ParticipantEvent {}

  /**
   * The service wants to call another participant of the mesh, on a branch that this sidecar has
   * named.
   *
   * @param optional its failure does not doom this branch; its answer is held here until its votes
   *     are in
   */
  record CallOpened(BranchId call, boolean optional) implements ParticipantEvent {}

  /**
   * Votes came for a call, with its answer or by themselves. A list that holds the call's own
   * branch is the final one; any other tells of branches struck off below it.
   */
  record CallVoted(BranchId call, List<BranchVote> votes) implements ParticipantEvent {
    public CallVoted {
      votes = List.copyOf(votes);
    }
  }

  /**
   * The answer of a call has ended.
   *
   * @param failure null if the service had, or is to have, a successful answer, whole; else why the
   *     call failed, was refused, timed out, or was cancelled by the service
   */
  record CallEnded(BranchId call, @Nullable String failure) implements ParticipantEvent {}

  /**
   * The sidecar to which the votes were sent holds no such call open: too late, struck off, or it
   * has restarted.
   */
  record VoteUnknown() implements ParticipantEvent {}

  /** The coordinator asks the branch to prepare; may come more than once. */
  record PrepareRequested() implements ParticipantEvent {}

  /**
   * The coordinator leaves the decision to this branch, the only one that updates (ONE_PHASE); may
   * come more than once.
   */
  record DelegationRequested() implements ParticipantEvent {}

  /**
   * An operator decides for a branch that is in doubt: a heuristic decision, which the truth may
   * contradict when it comes.
   */
  record OperatorDecided(Outcome outcome) implements ParticipantEvent {}

  /**
   * The write of this branch's own decision, or of an operator's, failed, and may be durable all
   * the same (rule T18).
   */
  record OwnDecisionInDoubt(String reason) implements ParticipantEvent {}

  /**
   * What the service said when it was asked to prepare, or that it did not answer in time.
   *
   * @param detail of a refusal, for people
   */
  record ServicePrepared(PrepareAnswer answer, String detail) implements ParticipantEvent {}

  /**
   * The coordinator tells the outcome.
   *
   * @param awaited a client waits for the acknowledgement
   */
  record Told(Outcome outcome, boolean awaited) implements ParticipantEvent {}

  /** The decider answered an inquiry. */
  record InquiryAnswered(Answer answer) implements ParticipantEvent {}

  /** An inquiry was not answered, or not by anybody who could. */
  record InquiryUnanswered() implements ParticipantEvent {}

  /** The resource has carried the outcome out. */
  record CompletionSucceeded() implements ParticipantEvent {}

  /** The resource could not carry the outcome out now. */
  record CompletionFailed(String detail) implements ParticipantEvent {}

  /** The resource will never carry the outcome out (rule T21). */
  record CompletionRefused(String detail) implements ParticipantEvent {}

  /**
   * A timer that was started has run out. One that was cancelled, or belongs to an earlier state,
   * may still come.
   */
  record TimerFired(TimerKind kind) implements ParticipantEvent {}

  /** Events of THREE_PHASE alone. */
  sealed interface ThreePhase extends ParticipantEvent {}

  /**
   * The coordinator asks whether the branch can commit, which is to prepare; may come more than
   * once.
   *
   * @param members all branches that update
   */
  record CanCommitRequested(List<Member> members) implements ThreePhase {
    public CanCommitRequested {
      members = List.copyOf(members);
    }
  }

  /**
   * All have promised, says the coordinator, or the member that ends the transaction in its place;
   * may come more than once.
   *
   * @param elector that member; null for the coordinator
   */
  record PreCommitRequested(@Nullable ParticipantKey elector) implements ThreePhase {}

  /**
   * Somebody who does not hear the coordinator asks how the branch stands.
   *
   * @param elector the member that counts what it hears, and decides; null where it is only asked
   *     whether the branch lives, and for the coordinator
   */
  record StandingRequested(@Nullable ParticipantKey elector) implements ThreePhase {}

  /** A member said how it stands, asked that, or asked to pre-commit. */
  record StandingAnswered(ParticipantKey member, Standing standing) implements ThreePhase {}

  /** A member that was asked did not answer: on a synchronous network its sidecar has died. */
  record StandingUnanswered(ParticipantKey member) implements ThreePhase {}
}
