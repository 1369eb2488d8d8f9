package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.Acknowledge;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Forget;
import io.handfast.tx.core.participant.ParticipantEffect.StartTimer;
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
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;

/** Rows of a branch that has done what it had to do. */
final class EndRows {
  private EndRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofEnding(
      Ending s, ParticipantEvent event) {
    return switch (event) {
      case EndDurable _ -> to(s.ended(), acknowledge(s.outcome(), s.detail()), new Forget());
      case WriteFailed e ->
          switch (e.write()) {
            // Not acknowledged, so the coordinator keeps it.
            case END -> to(s.failed(), new StartTimer(TimerKind.RETRY, s.attempt()));
            case BEGUN, BRANCH_RECORD, OWN_DECISION, RESOLUTION ->
                stay(s); // of a write that was under way
          };
      case Told e ->
          agrees(s.outcome(), e.outcome())
              ? writeAgain(s, e.awaited())
              : to(s, Rows.contradiction(s, e.outcome()));
      case TimerFired e ->
          switch (e.kind()) {
            case RETRY -> writeAgain(s, false);
            case DEADLINE, TRY_TIMEOUT, INQUIRY -> stay(s);
          };
      case BegunDurable _, RecordDurable _, AnswerStarted _, ServiceAnswered _ -> stay(s);
      case InquiryAnswered _, InquiryUnanswered _, VoteUnknown _ -> stay(s);
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  /** Unless a write is under way: twice in the store is once to whoever reads it. */
  private static Transition<ParticipantState, ParticipantEffect> writeAgain(
      Ending s, boolean awaited) {
    return s.writing()
        ? stay(s)
        : to(
            s.again(),
            new CancelTimer(TimerKind.RETRY),
            new WriteEnd(s.outcome(), s.detail(), awaited));
  }

  static Transition<ParticipantState, ParticipantEffect> ofEnded(Ended s, ParticipantEvent event) {
    return switch (event) {
      case Told e ->
          agrees(s.outcome(), e.outcome())
              ? to(s, acknowledge(s.outcome(), s.detail()))
              : to(s, Rows.contradiction(s, e.outcome()));
      case AnswerStarted _, ServiceAnswered _ -> stay(s);
      case InquiryAnswered _, InquiryUnanswered _, VoteUnknown _, TimerFired _ -> stay(s);
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          BegunDurable _,
          RecordDurable _,
          EndDurable _,
          WriteFailed _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  private static ParticipantEffect acknowledge(BranchOutcome outcome, String detail) {
    return switch (outcome) {
      case COMMITTED, ABORTED, READ_ONLY -> new Acknowledge(Acknowledgement.DONE, "");
      case HAZARD -> new Acknowledge(Acknowledgement.HAZARD, detail);
    };
  }

  private static boolean agrees(BranchOutcome done, Outcome told) {
    return switch (done) {
      case COMMITTED -> told == Outcome.COMMIT;
      case ABORTED -> told == Outcome.ABORT;
      case READ_ONLY, HAZARD -> true;
    };
  }
}
