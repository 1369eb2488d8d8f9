package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerDelegation;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Confirm;
import io.handfast.tx.core.participant.ParticipantEffect.ReportHazard;
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
import io.handfast.tx.core.participant.ParticipantState.DecidingAlone;

/**
 * Rows of the branch to which the decision was left (ONE_PHASE). Nobody else decides, so from the
 * moment at which its decision is handed to the store nothing that is said can abort it.
 */
final class DelegationRows {
  private DelegationRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofDecidingAlone(
      DecidingAlone s, ParticipantEvent event) {
    return switch (event) {
      case RecordDurable _ ->
          to(
              s.confirming(),
              new CancelTimer(TimerKind.DEADLINE),
              new AnswerDelegation(Answer.COMMITTED, ""),
              new Confirm(1));
      case OwnDecisionInDoubt e ->
          to(
              s.withDoubt(),
              new ReportHazard("the branch's own decision is in doubt: " + e.reason()));
      case WriteFailed e ->
          switch (e.write()) {
            case OWN_DECISION -> refused(s, e.reason());
            case BEGUN -> stay(s); // the store has stopped: the decision's own failure follows
            case BRANCH_RECORD, RESOLUTION, END -> throw illegal(s, event);
          };
      case Told e -> to(s, Rows.contradiction(s, e.outcome()));
      // Answered when it is durable; who is not patient is answered that it is at work.
      case DelegationRequested _ -> stay(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case TimerFired _, InquiryAnswered _, InquiryUnanswered _, VoteUnknown _ -> stay(s);
      case BegunDurable _, CallVoted _ -> stay(s);
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
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
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  /** It is not there and never will be, and nobody was told: undone. */
  private static Transition<ParticipantState, ParticipantEffect> refused(
      DecidingAlone s, String reason) {
    return to(
        s.cancelling(),
        new CancelTimer(TimerKind.DEADLINE),
        new AnswerDelegation(Answer.ABORTED, reason),
        new Cancel(true, 1));
  }

  /** A delegation that comes to a branch which does not wait for it: late, twice, or forged. */
  static Transition<ParticipantState, ParticipantEffect> elsewhere(ParticipantState s) {
    return to(
        s,
        switch (s) {
          case ParticipantState.Confirming _ -> committed();
          case ParticipantState.Ending ending -> after(ending.outcome());
          case ParticipantState.Ended ended -> after(ended.outcome());
          case ParticipantState.Withdrawn _,
              ParticipantState.AbortedWorking _,
              ParticipantState.BegunRecovered _,
              ParticipantState.Cancelling _ ->
              new AnswerDelegation(Answer.ABORTED, Rows.ABORTED);
          // It has not offered to decide, or has promised to do as it is told.
          case ParticipantState.New _,
              ParticipantState.Beginning _,
              ParticipantState.Working _,
              ParticipantState.Closing _,
              ParticipantState.Recording _,
              ParticipantState.AwaitingPrepare _,
              ParticipantState.Preparing _,
              ParticipantState.Promising _,
              ParticipantState.Prepared _,
              ParticipantState.Resolving _,
              Uncertain _,
              DecidingAlone _ ->
              new AnswerDelegation(Answer.NOT_MINE, "");
        });
  }

  private static AnswerDelegation committed() {
    return new AnswerDelegation(Answer.COMMITTED, "");
  }

  /** A hazard is shown here; to the coordinator nothing certain can be said of it. */
  private static AnswerDelegation after(BranchOutcome outcome) {
    return switch (outcome) {
      case COMMITTED, READ_ONLY -> committed();
      case ABORTED -> new AnswerDelegation(Answer.ABORTED, Rows.ABORTED);
      case HAZARD -> new AnswerDelegation(Answer.NOT_MINE, "");
    };
  }
}
