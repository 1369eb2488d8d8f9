package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Confirm;
import io.handfast.tx.core.participant.ParticipantEffect.Inquire;
import io.handfast.tx.core.participant.ParticipantEffect.StartTimer;
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
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import java.util.ArrayList;
import java.util.List;

/** Rows of a branch in doubt, and of one that commits. */
final class OutcomeRows {
  private OutcomeRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofPrepared(
      Prepared s, ParticipantEvent event) {
    return switch (event) {
      case Told e ->
          switch (e.outcome()) {
            case COMMIT -> commit(s, e.awaited());
            case ABORT -> abort(s, e.awaited());
          };
      case InquiryAnswered e -> answered(s, e);
      case InquiryUnanswered _ -> to(s, new StartTimer(TimerKind.INQUIRY, s.inquiries()));
      case TimerFired e -> timer(s, e.kind());
      case VoteUnknown _ -> s.asking() ? stay(s) : inquire(s);
      // Of an overlapped BEGUN at a root, whose record rides with the decision: if it failed, so
      // will that (T18).
      case BegunDurable _ -> stay(s);
      case WriteFailed e ->
          switch (e.write()) {
            case BEGUN -> stay(s);
            case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
          };
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case OperatorDecided e -> ResolutionRows.decided(s, e.outcome());
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
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
          ServicePrepared _,
          OwnDecisionInDoubt _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> answered(
      Prepared s, InquiryAnswered event) {
    return switch (event.answer()) {
      case COMMITTED -> commit(s, false);
      case ABORTED -> abort(s, false);
      // Asked again for ever: nobody but the decider can end the doubt.
      case PENDING, NOT_MINE -> to(s, new StartTimer(TimerKind.INQUIRY, s.inquiries()));
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> timer(Prepared s, TimerKind kind) {
    return switch (kind) {
      case DEADLINE -> s.asking() ? stay(s.pastDeadline()) : inquire(s.pastDeadline());
      case INQUIRY -> s.asking() ? inquire(s) : stay(s);
      case TRY_TIMEOUT -> stay(s.tryTimedOut());
      case RETRY -> stay(s);
    };
  }

  static Transition<ParticipantState, ParticipantEffect> inquire(Prepared s) {
    Prepared next = s.inquiring();
    return to(next, new Inquire(next.inquiries(), next.expired()));
  }

  private static Transition<ParticipantState, ParticipantEffect> commit(
      Prepared s, boolean awaited) {
    List<ParticipantEffect> effects = stopAsking();
    effects.add(new CancelTimer(TimerKind.TRY_TIMEOUT));
    effects.add(new Confirm(1));
    return to(s.confirming(awaited), effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> abort(
      Prepared s, boolean awaited) {
    List<ParticipantEffect> effects = stopAsking();
    if (s.tryMayRun()) {
      return to(s.waitingForTry(awaited), effects);
    }
    effects.add(new Cancel(s.answered(), 1));
    return to(s.cancelling(awaited), effects);
  }

  private static List<ParticipantEffect> stopAsking() {
    List<ParticipantEffect> effects = new ArrayList<>();
    effects.add(new CancelTimer(TimerKind.DEADLINE));
    effects.add(new CancelTimer(TimerKind.INQUIRY));
    return effects;
  }

  static Transition<ParticipantState, ParticipantEffect> ofConfirming(
      Confirming s, ParticipantEvent event) {
    return switch (event) {
      case CompletionSucceeded _ -> Rows.end(s.ending(BranchOutcome.COMMITTED, ""), s.awaited());
      case CompletionFailed _ -> to(s, new StartTimer(TimerKind.RETRY, s.attempt()));
      case CompletionRefused e ->
          Rows.endAsHazard(s.ending(BranchOutcome.HAZARD, e.detail()), s.awaited());
      case TimerFired e ->
          switch (e.kind()) {
            case RETRY -> to(s.again(), new Confirm(s.attempt() + 1));
            case DEADLINE, TRY_TIMEOUT, INQUIRY -> stay(s);
          };
      case Told e ->
          switch (e.outcome()) {
            case COMMIT -> stay(s.awaited(e.awaited()));
            case ABORT -> to(s, Rows.contradiction(s, e.outcome()));
          };
      // Of a write that was under way when the outcome came.
      case RecordDurable _ when s.branch().protocol() == Protocol.THREE_PHASE -> stay(s);
      case WriteFailed _ when s.branch().protocol() == Protocol.THREE_PHASE -> stay(s);
      // To a question from before the outcome was known (T15).
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
          BegunDurable _,
          RecordDurable _,
          EndDurable _,
          WriteFailed _,
          AnswerStarted _,
          ServiceAnswered _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }
}
