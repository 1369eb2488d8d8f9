package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.CallRows.Absorbed;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Forget;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseHead;
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
import io.handfast.tx.core.participant.ParticipantState.Working;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of the state in which the service works. */
final class WorkingRows {
  private WorkingRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofWorking(
      Working s, ParticipantEvent event) {
    return switch (event) {
      case BegunDurable _ -> {
        if (s.begunDurable() || !s.branch().isUpdating()) {
          throw illegal(s, event);
        }
        yield stay(s.withBegunDurable());
      }
      case WriteFailed e -> writeFailed(s, e);
      case AnswerStarted _ -> {
        if (s.branch().root()) {
          throw illegal(s, event); // all of the boundary's answer is held
        }
        yield to(s.withHeadLeft(), new ReleaseHead());
      }
      case ServiceAnswered e -> answered(s, e);
      case CallOpened e -> absorb(s, event, CallRows.opened(s.calls(), e));
      case CallVoted e -> absorb(s, event, CallRows.voted(s.branch(), s.calls(), e));
      case CallEnded e -> absorb(s, event, CallRows.ended(s.branch(), s.calls(), e));
      case Told e -> told(s, e);
      case TimerFired e -> timer(s, e.kind());
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          RecordDurable _,
          EndDurable _,
          VoteUnknown _,
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
      Working s, ServiceAnswered event) {
    return switch (event.answer()) {
      case SUCCESS -> ClosingRows.answered(s);
      // Never sent: as a definite no of the service, there is nothing to undo.
      case REFUSED, NOT_SENT -> refused(s, event.detail());
      case FAILED -> undone(s, Release.PASS, TryAnswer.FAILED, event.detail());
      case LOST -> lost(s, event.detail());
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> refused(Working s, String detail) {
    List<ParticipantEffect> effects = closeNo(s, Release.PASS, TryAnswer.REFUSED, detail);
    if (!s.branch().isUpdating()) {
      effects.add(new Forget());
      return to(s.ended(BranchOutcome.ABORTED), effects);
    }
    // So that a restart does not undo what never happened.
    effects.add(new WriteEnd(BranchOutcome.ABORTED, "", false));
    return to(s.ending(), effects);
  }

  /** The Try may have happened and cannot happen any more: undone now. */
  private static Transition<ParticipantState, ParticipantEffect> undone(
      Working s, Release release, TryAnswer answer, String reason) {
    List<ParticipantEffect> effects = closeNo(s, release, answer, reason);
    if (!s.branch().isUpdating()) {
      effects.add(new Forget());
      return to(s.ended(BranchOutcome.ABORTED), effects);
    }
    effects.add(new Cancel(false, 1));
    return to(s.cancelling(false), effects);
  }

  /** The Try may happen still: undone after its timeout (T17). */
  private static Transition<ParticipantState, ParticipantEffect> lost(Working s, String detail) {
    if (!s.branch().isUpdating()) {
      return undone(s, s.headLeft() ? Release.RESET : Release.PASS, TryAnswer.LOST, detail);
    }
    Release release = s.headLeft() ? Release.RESET : Release.PASS;
    return to(s.abortedWorking(false, false), openNo(s, release, TryAnswer.LOST, detail));
  }

  private static Transition<ParticipantState, ParticipantEffect> timer(Working s, TimerKind kind) {
    Release release = s.headLeft() ? Release.RESET : Release.DEADLINE;
    return switch (kind) {
      case DEADLINE ->
          s.branch().root()
              ? stay(s)
              : to(
                  s.abortedWorking(false, false),
                  openNo(s, release, TryAnswer.LOST, Rows.DEADLINE));
      case TRY_TIMEOUT -> undone(s, release, TryAnswer.LOST, Rows.NO_ANSWER);
      case INQUIRY, RETRY -> stay(s);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> writeFailed(
      Working s, WriteFailed event) {
    return switch (event.write()) {
      case BEGUN ->
          doom(
              s, s.calls(), List.of(), ownBlame(s.branch(), event.reason()), event.reason(), false);
      case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> told(Working s, Told event) {
    List<ParticipantEffect> first =
        switch (event.outcome()) {
          case ABORT -> List.of();
          case COMMIT -> Rows.contradiction(s, event.outcome());
        };
    return doom(
        s, s.calls(), first, ownBlame(s.branch(), Rows.ABORTED), Rows.ABORTED, event.awaited());
  }

  private static Blame ownBlame(Branch branch, String reason) {
    return new Blame(branch.id(), branch.service(), reason);
  }

  private static Transition<ParticipantState, ParticipantEffect> absorb(
      Working s, ParticipantEvent event, @Nullable Absorbed absorbed) {
    if (absorbed == null) {
      throw illegal(s, event);
    }
    Blame blame = absorbed.blame();
    return blame == null
        ? to(s.with(absorbed.calls()), absorbed.effects())
        : doom(s, absorbed.calls(), absorbed.effects(), blame, CallRows.describe(blame), false);
  }

  /**
   * The branch votes no now, so that others need not wait; its answer leaves as a refusal when the
   * service has given it (T12).
   */
  private static Transition<ParticipantState, ParticipantEffect> doom(
      Working s,
      Calls calls,
      List<ParticipantEffect> first,
      Blame blame,
      String reason,
      boolean awaited) {
    List<ParticipantEffect> effects = new ArrayList<>(first);
    effects.add(Rows.doomed(s.branch(), Rows.noVotes(s.branch(), calls, reason), blame));
    effects.addAll(Rows.releaseHeld(calls, reason));
    return to(s.abortedWorking(true, awaited), effects);
  }

  private static List<ParticipantEffect> closeNo(
      Working s, Release release, TryAnswer answer, String reason) {
    List<ParticipantEffect> effects = openNo(s, release, answer, reason);
    effects.addFirst(new CancelTimer(TimerKind.TRY_TIMEOUT));
    return effects;
  }

  private static List<ParticipantEffect> openNo(
      Working s, Release release, TryAnswer answer, String reason) {
    List<BranchVote> votes = Rows.noVotes(s.branch(), s.calls(), reason);
    List<ParticipantEffect> effects = new ArrayList<>();
    effects.add(Rows.releaseNo(s.branch(), release, votes, answer, reason));
    effects.addAll(Rows.releaseHeld(s.calls(), reason));
    return effects;
  }
}
