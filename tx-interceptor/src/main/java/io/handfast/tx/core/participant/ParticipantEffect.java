package io.handfast.tx.core.participant;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Vote;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a branch asks its shell to do. Immutable. */
public sealed interface ParticipantEffect {

  /** Write BEGUN and force it; answered by {@code BegunDurable} or {@code WriteFailed}. */
  record ForceBegun() implements ParticipantEffect {}

  /**
   * Write BEGUN and force it; answered by {@code BegunWritten} as soon as the death of the process
   * cannot lose it, then as {@link ForceBegun}.
   */
  record WriteBegun() implements ParticipantEffect {}

  /** Let the held request go to the service. */
  record ForwardRequest() implements ParticipantEffect {}

  /** Answer the held request; the service never sees it. */
  record RefuseRequest(Refusal refusal, String reason) implements ParticipantEffect {}

  /** Why a request is answered in the service's place. */
  enum Refusal {
    /** 409: the branch is aborted. */
    CONFLICT,
    /** 503: the store cannot keep what undoing would need. */
    STORE_FAILED,
    /** 504: the deadline has passed. */
    DEADLINE
  }

  /** Let the service's call go. */
  record AdmitCall(BranchId call) implements ParticipantEffect {}

  /** Answer the service's call with 409: its branch takes no calls any more. */
  record RefuseCall(BranchId call, String reason) implements ParticipantEffect {}

  /** Give the service the held answer of an optional call, or, with a reason, 409 in its place. */
  record ReleaseCall(BranchId call, @Nullable String refused) implements ParticipantEffect {}

  /** Let the head of the answer go, without a vote. */
  record ReleaseHead() implements ParticipantEffect {}

  /**
   * Write the branch record and force it; answered by {@code RecordDurable} or {@code WriteFailed}.
   */
  record ForceRecord() implements ParticipantEffect {}

  /**
   * Let the answer go to the caller.
   *
   * @param release the service's own, or what takes its place
   * @param votes to travel with it; empty if they are not ready and will follow, or went before
   * @param reason of a replaced answer
   */
  record ReleaseAnswer(Release release, List<BranchVote> votes, String reason)
      implements ParticipantEffect {
    public ReleaseAnswer {
      votes = List.copyOf(votes);
    }
  }

  /** What leaves as the answer of a branch. */
  enum Release {
    /** The service's own answer. */
    PASS,
    /** 409 in its place (rule T12). */
    CONFLICT,
    /**
     * 504 in its place, now: the service has not answered and its answer is not waited for by the
     * caller.
     */
    DEADLINE,
    /** Its head has left: the stream is reset (rule T12). */
    RESET
  }

  /**
   * Tell the caller's sidecar the final votes of this branch and all below, outside of the answer;
   * again until it answers or the deadline has passed. {@code VoteUnknown} if it knows of no such
   * call.
   */
  record SendVotes(List<BranchVote> votes) implements ParticipantEffect {
    public SendVotes {
      votes = List.copyOf(votes);
    }
  }

  /**
   * Tell the caller's sidecar that branches below were struck off; this branch's own vote is still
   * to come.
   */
  record SendStruck(List<BranchVote> votes) implements ParticipantEffect {
    public SendStruck {
      votes = List.copyOf(votes);
    }
  }

  /**
   * Root only, in the place of {@link SendVotes}: the coordinator's {@code RootClosed}.
   *
   * @param recordRides this branch's record is not written yet and goes into the same force as the
   *     decision
   */
  record CloseRoot(List<BranchVote> votes, TryAnswer answer, boolean recordRides)
      implements ParticipantEffect {
    public CloseRoot {
      votes = List.copyOf(votes);
    }
  }

  /**
   * Root only: the coordinator's {@code Doomed}. {@link CloseRoot} follows when the service has
   * answered, at once if it has.
   */
  record DoomTransaction(List<BranchVote> votes, Blame blame) implements ParticipantEffect {
    public DoomTransaction {
      votes = List.copyOf(votes);
    }
  }

  /** Root only, in the place of {@link SendStruck}: the coordinator's {@code Struck}. */
  record StrikeAtRoot(List<BranchVote> votes) implements ParticipantEffect {
    public StrikeAtRoot {
      votes = List.copyOf(votes);
    }
  }

  /** Have the resource prepare; answered by {@code ServicePrepared}. */
  record Prepare() implements ParticipantEffect {}

  /**
   * Answer the coordinator that asks to prepare, if it waits for an answer; of a root, always: the
   * coordinator's {@code PrepareAnswered}.
   *
   * @param vote {@code PREPARED}, {@code READ_ONLY} or {@code ABORT}
   * @param reason of an abort, for people
   */
  record AnswerPrepare(Vote vote, String reason) implements ParticipantEffect {}

  /**
   * Write this branch's own decision to commit and force it; answered by {@code RecordDurable},
   * {@code WriteFailed} if it is not there, or {@code OwnDecisionInDoubt}.
   */
  record ForceOwnDecision() implements ParticipantEffect {}

  /**
   * Write what an operator decided, and by whom, when and why, and force it; answered by {@code
   * RecordDurable}, {@code WriteFailed} if it is not there, or {@code OwnDecisionInDoubt}.
   */
  record ForceResolution(Outcome outcome) implements ParticipantEffect {}

  /**
   * Answer the coordinator that left the decision to this branch, if it waits for an answer; of a
   * root, always: the coordinator's {@code DelegationAnswered}.
   *
   * @param answer COMMITTED or ABORTED, which is final; NOT_MINE if nothing is known
   * @param reason of an abort, for people
   */
  record AnswerDelegation(Answer answer, String reason) implements ParticipantEffect {}

  /** Have the resource commit. */
  record Confirm(int attempt) implements ParticipantEffect {}

  /**
   * Have the resource undo.
   *
   * @param answered the Try was answered with success, so fields of the answer may be used
   */
  record Cancel(boolean answered, int attempt) implements ParticipantEffect {}

  /**
   * Ask the decider (rule T15). The answer comes as {@code InquiryAnswered} or {@code
   * InquiryUnanswered}.
   *
   * @param mayAbort the deadline has passed: where the decider's store is shared and holds nothing
   *     of the transaction, ABORT may be written there (rule T19)
   */
  record Inquire(int attempt, boolean mayAbort) implements ParticipantEffect {
    public Inquire(int attempt) {
      this(attempt, false);
    }
  }

  /**
   * Write the end record; answered by {@code EndDurable} or {@code WriteFailed}.
   *
   * @param awaited force it at once; else it rides on the next force, at the latest 10 ms later
   *     (rule T16)
   */
  record WriteEnd(BranchOutcome outcome, String detail, boolean awaited)
      implements ParticipantEffect {}

  /**
   * Answer the coordinator, if it waits for an answer; of a root, always: the coordinator's {@code
   * Acknowledged}.
   *
   * @param detail of a hazard
   */
  record Acknowledge(Acknowledgement acknowledgement, String detail) implements ParticipantEffect {}

  /**
   * Start a timer, in the place of one of the same kind.
   *
   * @param attempt from 1, for the back-off of {@code INQUIRY} and {@code RETRY}
   */
  record StartTimer(TimerKind kind, int attempt) implements ParticipantEffect {}

  record CancelTimer(TimerKind kind) implements ParticipantEffect {}

  /** Show a person that this branch needs one. */
  record ReportHazard(String detail) implements ParticipantEffect {}

  /**
   * Let go of the machine and all of its timers. The branch-id is remembered, with its outcome, at
   * least until the deadline: a later call that names it is refused, an outcome acknowledged.
   */
  record Forget() implements ParticipantEffect {}

  /** Effects of THREE_PHASE alone. */
  sealed interface ThreePhase extends ParticipantEffect {}

  /**
   * Write that all have promised and force it; answered by {@code RecordDurable} or {@code
   * WriteFailed} of a branch record.
   */
  record ForcePreCommitted() implements ThreePhase {}

  /**
   * Write that this branch decides to abort, in the coordinator's place, and force it; answered as
   * {@link ForcePreCommitted}.
   */
  record ForceWithdrawal() implements ThreePhase {}

  /**
   * Ask another member how it stands; answered by {@code StandingAnswered} or {@code
   * StandingUnanswered}, once for each.
   *
   * @param preCommit and to pre-commit before it answers
   * @param elects this branch decides by what it hears; else it only asks whether the other lives
   * @param attempt from 1
   */
  record AskStanding(Member member, boolean preCommit, boolean elects, int attempt)
      implements ThreePhase {}

  /** Answer who asked how this branch stands. */
  record AnswerStanding(Standing standing) implements ThreePhase {}

  /**
   * Answer who asked this branch to pre-commit, if somebody waits for it; of a root, always: the
   * coordinator's {@code MemberAnswered}.
   */
  record AnswerPreCommit(Standing standing) implements ThreePhase {}
}
