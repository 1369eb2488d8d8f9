package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.Acknowledge;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Forget;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
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
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import java.util.ArrayList;
import java.util.List;

/** Rows of a branch that aborts. */
final class AbortRows {
  private AbortRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofAbortedWorking(
      AbortedWorking s, ParticipantEvent event) {
    return switch (event) {
      case AnswerStarted _ -> {
        if (s.branch().root()) {
          throw illegal(s, event); // all of the boundary's answer is held
        }
        yield to(s.answerGiven(), release(s, Release.CONFLICT, TryAnswer.SUCCESS, Rows.ABORTED));
      }
      case ServiceAnswered e -> answered(s, e);
      case TimerFired e -> abortedTimer(s, e.kind());
      case Told e -> Rows.toldWhileAborting(s, s.awaited(e.awaited()), e.outcome());
      case BegunDurable _, VoteUnknown _ -> stay(s);
      case WriteFailed e ->
          switch (e.write()) {
            case BEGUN ->
                stay(s); // undone all the same; a restart that finds BEGUN undoes once more
            case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
          };
      case CallOpened e -> refuseCall(s, e, Rows.ABORTED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.ABORTED);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          RecordDurable _,
          EndDurable _,
          InquiryAnswered _,
          InquiryUnanswered _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> answered(
      AbortedWorking s, ServiceAnswered event) {
    Release release = s.headLeft() ? Release.RESET : Release.CONFLICT;
    List<ParticipantEffect> effects = release(s, release, event.answer(), Rows.ABORTED);
    return switch (event.answer()) {
      case SUCCESS -> undo(s, true, effects);
      case FAILED -> undo(s, false, effects);
      case REFUSED, NOT_SENT -> nothingToUndo(s, effects);
      case LOST ->
          s.branch().isUpdating() ? to(s.answerGiven(), effects) : nothingToUndo(s, effects);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> abortedTimer(
      AbortedWorking s, TimerKind kind) {
    Release release = s.headLeft() ? Release.RESET : Release.DEADLINE;
    return switch (kind) {
      case TRY_TIMEOUT -> undo(s, false, release(s, release, TryAnswer.LOST, Rows.NO_ANSWER));
      case DEADLINE ->
          s.branch().root()
              ? stay(s)
              : to(s.answerGiven(), release(s, release, TryAnswer.LOST, Rows.DEADLINE));
      case INQUIRY, RETRY -> stay(s);
    };
  }

  /** The votes went before: with the doom, or unasked for because the coordinator had decided. */
  private static List<ParticipantEffect> release(
      AbortedWorking s, Release release, TryAnswer answer, String reason) {
    List<ParticipantEffect> effects = new ArrayList<>();
    if (s.answerOwed()) {
      List<BranchVote> votes =
          s.branch().root() ? List.of(s.branch().vote(Vote.ABORT, reason)) : List.of();
      effects.add(Rows.releaseNo(s.branch(), release, votes, answer, reason));
    }
    return effects;
  }

  private static Transition<ParticipantState, ParticipantEffect> undo(
      AbortedWorking s, boolean answered, List<ParticipantEffect> effects) {
    if (!s.branch().isUpdating()) {
      return nothingToUndo(s, effects);
    }
    effects.add(new CancelTimer(TimerKind.TRY_TIMEOUT));
    effects.add(new Cancel(answered, 1));
    return to(s.cancelling(answered), effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> nothingToUndo(
      AbortedWorking s, List<ParticipantEffect> effects) {
    if (s.branch().isUpdating()) {
      effects.add(new WriteEnd(BranchOutcome.ABORTED, "", s.awaited()));
      return to(s.ending(), effects);
    }
    effects.add(new Acknowledge(Acknowledgement.DONE, ""));
    effects.add(new Forget());
    return to(s.ended(), effects);
  }

  static Transition<ParticipantState, ParticipantEffect> ofBegunRecovered(
      BegunRecovered s, ParticipantEvent event) {
    return switch (event) {
      case TimerFired e ->
          switch (e.kind()) {
            case TRY_TIMEOUT -> to(s.cancelling(), new Cancel(false, 1));
            case DEADLINE, INQUIRY, RETRY -> stay(s);
          };
      case Told e -> Rows.toldWhileAborting(s, s.awaited(e.awaited()), e.outcome());
      case InquiryAnswered _, InquiryUnanswered _ ->
          stay(s); // to a question from before ABORT was known
      case CallOpened e -> refuseCall(s, e, Rows.ABORTED); // the service may still work on the Try
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
          CallVoted _,
          CallEnded _,
          VoteUnknown _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  static Transition<ParticipantState, ParticipantEffect> ofCancelling(
      Cancelling s, ParticipantEvent event) {
    return switch (event) {
      case CompletionSucceeded _ -> Rows.end(s.ending(BranchOutcome.ABORTED, ""), s.awaited());
      case CompletionFailed _ -> to(s, new StartTimer(TimerKind.RETRY, s.attempt()));
      case CompletionRefused e ->
          Rows.endAsHazard(s.ending(BranchOutcome.HAZARD, e.detail()), s.awaited());
      case TimerFired e ->
          switch (e.kind()) {
            case RETRY -> to(s.again(), new Cancel(s.answered(), s.attempt() + 1));
            case DEADLINE, TRY_TIMEOUT, INQUIRY -> stay(s);
          };
      case Told e -> Rows.toldWhileAborting(s, s.awaited(e.awaited()), e.outcome());
      // Later than the Try's timeout. Services that remember cancelled keys are safe against that.
      case AnswerStarted _, ServiceAnswered _ -> stay(s);
      // Of writes that were under way when the branch aborted.
      case BegunDurable _, RecordDurable _ -> stay(s);
      case WriteFailed e ->
          switch (e.write()) {
            case BEGUN, BRANCH_RECORD -> stay(s);
            case OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
          };
      case InquiryAnswered _, InquiryUnanswered _, VoteUnknown _ -> stay(s);
      case CallOpened e -> refuseCall(s, e, Rows.ABORTED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.ABORTED);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          EndDurable _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }
}
