package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerDelegation;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerPrepare;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.ForceOwnDecision;
import io.handfast.tx.core.participant.ParticipantEffect.ForceRecord;
import io.handfast.tx.core.participant.ParticipantEffect.Inquire;
import io.handfast.tx.core.participant.ParticipantEffect.Prepare;
import io.handfast.tx.core.participant.ParticipantEffect.ReportHazard;
import io.handfast.tx.core.participant.ParticipantEffect.WriteEnd;
import io.handfast.tx.core.participant.ParticipantEvent.AnswerStarted;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.BegunWritten;
import io.handfast.tx.core.participant.ParticipantEvent.CallEnded;
import io.handfast.tx.core.participant.ParticipantEvent.CallOpened;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionFailed;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionRefused;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionSucceeded;
import io.handfast.tx.core.participant.ParticipantEvent.DelegationRequested;
import io.handfast.tx.core.participant.ParticipantEvent.EndDurable;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.Opened;
import io.handfast.tx.core.participant.ParticipantEvent.OperatorDecided;
import io.handfast.tx.core.participant.ParticipantEvent.OwnDecisionInDoubt;
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.PreparedInResource;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.ServicePrepared;
import io.handfast.tx.core.participant.ParticipantEvent.ThreePhase;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.AwaitingPrepare;
import io.handfast.tx.core.participant.ParticipantState.Preparing;
import io.handfast.tx.core.participant.ParticipantState.Promising;
import io.handfast.tx.core.participant.ParticipantState.Resolving;
import java.util.ArrayList;
import java.util.List;

/** Rows of a branch that prepares when it is asked to, up to its promise. */
final class PrepareRows {
  static final String NOT_OFFERED = "the branch has not offered to prepare";
  private static final String RESTARTED =
      "the sidecar has restarted and does not know whether its service has prepared";

  private PrepareRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofAwaitingPrepare(
      AwaitingPrepare s, ParticipantEvent event) {
    return switch (event) {
      case PrepareRequested _ ->
          s.branch().prepares() ? to(s.preparing(false), new Prepare()) : promise(s);
      case DelegationRequested _ ->
          s.branch().prepares()
              ? to(s.preparing(true), new Prepare())
              : to(s.decidingAlone(), new ForceOwnDecision());
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Told e ->
          switch (e.outcome()) {
            case ABORT -> cancel(s, e.awaited());
            case COMMIT -> to(s, Rows.contradiction(s, e.outcome()));
          };
      case TimerFired e ->
          switch (e.kind()) {
            // Of a root its coordinator says when the time is over.
            case DEADLINE -> s.branch().root() ? stay(s) : cancel(s, false);
            case TRY_TIMEOUT, INQUIRY, RETRY -> stay(s);
          };
      case VoteUnknown _ -> s.asking() ? stay(s) : to(s.with(true), new Inquire(1));
      case InquiryAnswered e -> answered(s, e.answer());
      case InquiryUnanswered _ -> stay(s.with(false)); // it aborts at its deadline
      case BegunDurable _ -> stay(s); // overlapped; the record behind it covers it
      case WriteFailed e ->
          switch (e.write()) {
            case BEGUN -> cancel(s, false);
            case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
          };
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          RecordDurable _,
          EndDurable _,
          AnswerStarted _,
          ServiceAnswered _,
          ServicePrepared _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> answered(
      AwaitingPrepare s, Answer answer) {
    return switch (answer) {
      case ABORTED -> cancel(s, false);
      case PENDING, NOT_MINE -> stay(s.with(false)); // it aborts at its deadline
      case COMMITTED -> to(s.with(false), impossible());
    };
  }

  /** A decider that keeps the protocol does not say so of a branch that has promised nothing. */
  private static ParticipantEffect impossible() {
    return new ReportHazard(
        "inquiry answered COMMITTED (expected: ABORTED or PENDING, for the branch has not"
            + " prepared)");
  }

  private static Transition<ParticipantState, ParticipantEffect> cancel(
      AwaitingPrepare s, boolean awaited) {
    return to(s.cancelling(awaited), new CancelTimer(TimerKind.DEADLINE), new Cancel(true, 1));
  }

  private static Transition<ParticipantState, ParticipantEffect> promise(AwaitingPrepare s) {
    return isRecorded(s.branch())
        ? to(s.prepared(), promised(s.branch()))
        : to(s.promising(), new ForceRecord());
  }

  /**
   * BEGUN says it all, or the record of a root rides with the decision. Under THREE_PHASE the
   * record says who the others are, and each has one.
   */
  private static boolean isRecorded(Branch branch) {
    return branch.protocol() != Protocol.THREE_PHASE && (branch.root() || !branch.needsRecord());
  }

  private static AnswerPrepare yes() {
    return new AnswerPrepare(Vote.PREPARED, "");
  }

  private static List<ParticipantEffect> promised(Branch branch) {
    List<ParticipantEffect> effects = new ArrayList<>(List.of(yes()));
    effects.addAll(Rows.rootsDeadline(branch));
    return effects;
  }

  static AnswerPrepare no(String reason) {
    return new AnswerPrepare(Vote.ABORT, reason);
  }

  static Transition<ParticipantState, ParticipantEffect> ofPreparing(
      Preparing s, ParticipantEvent event) {
    return switch (event) {
      case ServicePrepared e -> prepared(s, e);
      case Told e ->
          switch (e.outcome()) {
            case ABORT -> abort(s, e.awaited(), Rows.ABORTED);
            case COMMIT -> to(s, Rows.contradiction(s, e.outcome()));
          };
      case TimerFired e ->
          switch (e.kind()) {
            case DEADLINE -> s.branch().root() ? stay(s) : abort(s, false, Rows.DEADLINE);
            case TRY_TIMEOUT, INQUIRY, RETRY -> stay(s);
          };
      case InquiryAnswered e -> // to a question from before it was asked
          switch (e.answer()) {
            case ABORTED -> abort(s, false, Rows.ABORTED);
            case PENDING, NOT_MINE -> stay(s);
            case COMMITTED -> to(s, impossible());
          };
      case InquiryUnanswered _, VoteUnknown _ -> stay(s);
      case PrepareRequested _, DelegationRequested _ ->
          s.aborted() ? to(s, no(s, Rows.ABORTED)) : stay(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case BegunDurable _ -> stay(s);
      case WriteFailed e ->
          switch (e.write()) {
            case BEGUN -> abort(s, false, e.reason());
            case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
          };
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          RecordDurable _,
          EndDurable _,
          AnswerStarted _,
          ServiceAnswered _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  /** The coordinator need not wait for the service; the undo has to. */
  private static Transition<ParticipantState, ParticipantEffect> abort(
      Preparing s, boolean awaited, String reason) {
    Preparing next = s.withAborted(awaited);
    return s.aborted() ? stay(next) : to(next, no(s, reason));
  }

  private static Transition<ParticipantState, ParticipantEffect> prepared(
      Preparing s, ServicePrepared event) {
    return switch (event.answer()) {
      case PREPARED -> s.aborted() ? cancel(s, List.of()) : promise(s);
      case READ_ONLY -> dropOut(s);
      case REFUSED -> cancel(s, s.aborted() ? List.of() : List.of(no(s, event.detail())));
    };
  }

  private static ParticipantEffect no(Preparing s, String reason) {
    return s.delegated() ? new AnswerDelegation(Answer.ABORTED, reason) : no(reason);
  }

  private static Transition<ParticipantState, ParticipantEffect> promise(Preparing s) {
    if (s.delegated()) {
      return to(s.decidingAlone(), new ForceOwnDecision());
    }
    return isRecorded(s.branch())
        ? to(s.prepared(), promised(s.branch()))
        : to(s.promising(), new ForceRecord());
  }

  /** Nothing is left to be done, whatever is decided; an end is written so that nobody asks. */
  private static Transition<ParticipantState, ParticipantEffect> dropOut(Preparing s) {
    List<ParticipantEffect> effects = new ArrayList<>();
    if (!s.aborted()) {
      effects.add(
          s.delegated()
              ? new AnswerDelegation(Answer.COMMITTED, "")
              : new AnswerPrepare(Vote.READ_ONLY, ""));
    }
    effects.add(new CancelTimer(TimerKind.DEADLINE));
    effects.add(new WriteEnd(BranchOutcome.READ_ONLY, "", s.awaited()));
    return to(s.ending(BranchOutcome.READ_ONLY), effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> cancel(
      Preparing s, List<ParticipantEffect> first) {
    List<ParticipantEffect> effects = new ArrayList<>(first);
    effects.add(new CancelTimer(TimerKind.DEADLINE));
    effects.add(new Cancel(true, 1));
    return to(s.cancelling(), effects);
  }

  static Transition<ParticipantState, ParticipantEffect> ofPromising(
      Promising s, ParticipantEvent event) {
    return switch (event) {
      case RecordDurable _ ->
          s.branch().protocol() == Protocol.THREE_PHASE
              ? to(s.uncertain(), promised(s.branch()))
              : to(s.prepared(), yes());
      case WriteFailed e ->
          switch (e.write()) {
            case BEGUN -> stay(s); // the store has stopped: the record's own failure follows
            // It may be durable all the same. The answer is no, so COMMIT cannot be decided: a
            // restart that finds the record asks and is told ABORTED, one that does not undoes.
            case BRANCH_RECORD -> cancel(s, false, e.reason());
            case OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
          };
      case Told e ->
          switch (e.outcome()) {
            case ABORT -> cancel(s, e.awaited(), Rows.ABORTED);
            case COMMIT -> to(s, Rows.contradiction(s, e.outcome()));
          };
      case TimerFired e ->
          switch (e.kind()) {
            case DEADLINE -> cancel(s, false, Rows.DEADLINE);
            case TRY_TIMEOUT, INQUIRY, RETRY -> stay(s);
          };
      case InquiryAnswered e ->
          switch (e.answer()) {
            case ABORTED -> cancel(s, false, Rows.ABORTED);
            case PENDING, NOT_MINE -> stay(s);
            case COMMITTED -> to(s, impossible());
          };
      case InquiryUnanswered _, VoteUnknown _, PrepareRequested _, BegunDurable _ -> stay(s);
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          EndDurable _,
          AnswerStarted _,
          ServiceAnswered _,
          ServicePrepared _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> cancel(
      Promising s, boolean awaited, String reason) {
    return to(
        s.cancelling(awaited),
        no(reason),
        new CancelTimer(TimerKind.DEADLINE),
        new Cancel(true, 1));
  }

  /** PREPARE that comes to a branch which does not wait for it: early, late, twice, or forged. */
  static Transition<ParticipantState, ParticipantEffect> elsewhere(ParticipantState s) {
    return s instanceof Resolving resolving && !canCommit(resolving) ? stay(s) : to(s, answer(s));
  }

  /**
   * Whether it can commit whatever becomes of the operator's word. Else nothing is said before that
   * is known: who hears yes may commit what is being aborted here. He is told to ask again.
   */
  private static boolean canCommit(Resolving s) {
    return switch (s.outcome()) {
      case COMMIT -> s.before().answered();
      case ABORT -> false;
    };
  }

  private static AnswerPrepare answer(ParticipantState s) {
    return switch (s) {
      case ParticipantState.Prepared prepared -> prepared.answered() ? yes() : no(RESTARTED);
      case Resolving _ -> yes();
      case Uncertain uncertain -> uncertain.away() ? no(RESTARTED) : yes();
      case ParticipantState.Confirming _ -> yes();
      case ParticipantState.Ending ending -> after(ending.outcome());
      case ParticipantState.Ended ended -> after(ended.outcome());
      case ParticipantState.Withdrawn _,
          ParticipantState.AbortedWorking _,
          ParticipantState.BegunRecovered _,
          ParticipantState.Cancelling _ ->
          no(Rows.ABORTED);
      case ParticipantState.New _,
          ParticipantState.Beginning _,
          ParticipantState.Working _,
          ParticipantState.Closing _,
          ParticipantState.Recording _,
          AwaitingPrepare _,
          Preparing _,
          Promising _,
          ParticipantState.DecidingAlone _ ->
          no(NOT_OFFERED);
    };
  }

  /** What a branch that is over says; the coordinator has counted its first answer. */
  private static AnswerPrepare after(BranchOutcome outcome) {
    return switch (outcome) {
      case COMMITTED -> yes();
      case READ_ONLY -> new AnswerPrepare(Vote.READ_ONLY, "");
      case ABORTED, HAZARD -> no(Rows.ABORTED);
    };
  }
}
