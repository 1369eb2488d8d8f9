package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CloseRoot;
import io.handfast.tx.core.participant.ParticipantEffect.Confirm;
import io.handfast.tx.core.participant.ParticipantEffect.ForceBegun;
import io.handfast.tx.core.participant.ParticipantEffect.Forget;
import io.handfast.tx.core.participant.ParticipantEffect.ForwardRequest;
import io.handfast.tx.core.participant.ParticipantEffect.Inquire;
import io.handfast.tx.core.participant.ParticipantEffect.Refusal;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseRequest;
import io.handfast.tx.core.participant.ParticipantEffect.StartTimer;
import io.handfast.tx.core.participant.ParticipantEffect.WriteBegun;
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
import io.handfast.tx.core.participant.ParticipantEvent.Found;
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
import io.handfast.tx.core.participant.ParticipantState.Beginning;
import io.handfast.tx.core.participant.ParticipantState.New;
import io.handfast.tx.core.participant.ParticipantState.Withdrawn;
import io.handfast.tx.core.participant.Uncertain.Phase;
import java.util.ArrayList;
import java.util.List;

/** Rows of the states in which the service has not seen the request. */
final class OpeningRows {
  private OpeningRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofNew(New s, ParticipantEvent event) {
    return switch (event) {
      case Opened _ -> open(s);
      case PreparedInResource _ -> {
        if (s.branch().durability() != Branch.Durability.IN_RESOURCE) {
          throw illegal(s, event);
        }
        yield to(s.preparedInResource(), new StartTimer(TimerKind.DEADLINE, 1));
      }
      case Recovered e -> recover(s, e.found(), e.restored());
      case BegunWritten _,
          BegunDurable _,
          RecordDurable _,
          EndDurable _,
          WriteFailed _,
          AnswerStarted _,
          ServiceAnswered _,
          CallOpened _,
          CallVoted _,
          CallEnded _,
          VoteUnknown _,
          Told _,
          InquiryAnswered _,
          InquiryUnanswered _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          TimerFired _,
          PrepareRequested _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _,
          DelegationRequested _,
          ThreePhase _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> open(New s) {
    Branch branch = s.branch();
    List<ParticipantEffect> effects = new ArrayList<>();
    if (!branch.root()) {
      // The coordinator of a root has the timer, in the same sidecar, and tells it.
      effects.add(new StartTimer(TimerKind.DEADLINE, 1));
    }
    if (branch.durability().isForcedFirst()) {
      effects.add(new ForceBegun());
      return to(s.beginning(), effects);
    }
    if (branch.isUpdating()) {
      effects.add(new WriteBegun());
      return to(s.beginning(), effects);
    }
    effects.add(new StartTimer(TimerKind.TRY_TIMEOUT, 1));
    effects.add(new ForwardRequest());
    return to(s.working(), effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> recover(
      New s, Found found, boolean restored) {
    return switch (found) {
      case BEGUN -> to(s.begunRecovered(), new StartTimer(TimerKind.TRY_TIMEOUT, 1));
      case BEGUN_COMPLETE -> {
        List<ParticipantEffect> effects = deadlineAnew(s.branch());
        effects.add(new StartTimer(TimerKind.TRY_TIMEOUT, 1));
        effects.add(new Inquire(1));
        yield to(s.prepared(true), effects);
      }
      case PREPARED -> {
        if (s.branch().protocol() == Protocol.THREE_PHASE) {
          yield TerminationRows.start(s.uncertain(Phase.READY, restored));
        }
        List<ParticipantEffect> effects = deadlineAnew(s.branch());
        effects.add(new Inquire(1));
        yield to(s.prepared(false), effects);
      }
      case DECIDED, RESOLVED_COMMIT -> to(s.confirming(), new Confirm(1));
      // Its service may still be at work on the Try.
      case RESOLVED_ABORT -> to(s.begunRecovered(), new StartTimer(TimerKind.TRY_TIMEOUT, 1));
      case PRE_COMMITTED -> TerminationRows.start(s.uncertain(Phase.PRE_COMMITTED, restored));
      case WITHDRAWN -> to(s.cancelling(), new Cancel(true, 1));
    };
  }

  /** In a store that is shared ABORT may be written after it; of a journal nobody waits for it. */
  private static List<ParticipantEffect> deadlineAnew(Branch branch) {
    List<ParticipantEffect> effects = new ArrayList<>();
    if (!branch.store().isJournal()) {
      effects.add(new StartTimer(TimerKind.DEADLINE, 1));
    }
    return effects;
  }

  static Transition<ParticipantState, ParticipantEffect> ofBeginning(
      Beginning s, ParticipantEvent event) {
    return switch (event) {
      case BegunWritten _ -> {
        if (s.branch().durability().isForcedFirst()) {
          throw illegal(s, event);
        }
        yield forward(s, false);
      }
      case BegunDurable _ -> forward(s, true);
      // BEGUN may be durable all the same. A restart then undoes a Try that never ran, which is
      // done when the service knows of
      // none, or, where BEGUN is the branch record, asks first: the caller has been refused, so the
      // answer can only be ABORTED.
      case WriteFailed e -> beginFailed(s, e);
      case Told e -> told(s, e);
      case TimerFired e -> beginTimer(s, e.kind());
      case CallOpened e ->
          refuseCall(s, e, "the service has not been given the request of this branch");
      case ServiceAnswered e -> callerGone(s, e);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          RecordDurable _,
          EndDurable _,
          AnswerStarted _,
          CallVoted _,
          CallEnded _,
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

  private static Transition<ParticipantState, ParticipantEffect> forward(
      Beginning s, boolean begunDurable) {
    return to(
        s.working(begunDurable), new StartTimer(TimerKind.TRY_TIMEOUT, 1), new ForwardRequest());
  }

  private static Transition<ParticipantState, ParticipantEffect> beginFailed(
      Beginning s, WriteFailed event) {
    return switch (event.write()) {
      case BEGUN ->
          to(s.ended(), refuse(s.branch(), Refusal.STORE_FAILED, event.reason()), new Forget());
      case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> told(Beginning s, Told event) {
    Withdrawn next = s.withdrawn().awaited(event.awaited());
    ParticipantEffect refusal = refuse(s.branch(), Refusal.CONFLICT, Rows.ABORTED);
    return switch (event.outcome()) {
      case ABORT -> to(next, refusal);
      case COMMIT -> {
        List<ParticipantEffect> effects = new ArrayList<>(Rows.contradiction(s, event.outcome()));
        effects.add(refusal);
        yield to(next, effects);
      }
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> beginTimer(
      Beginning s, TimerKind kind) {
    return switch (kind) {
      case DEADLINE ->
          s.branch().root()
              ? stay(s)
              : to(s.withdrawn(), refuse(s.branch(), Refusal.DEADLINE, Rows.DEADLINE));
      case TRY_TIMEOUT, INQUIRY, RETRY -> stay(s);
    };
  }

  /**
   * The caller has gone while the request was held; the data path says so, for it has nothing to
   * send any more.
   */
  private static Transition<ParticipantState, ParticipantEffect> callerGone(
      Beginning s, ServiceAnswered event) {
    return switch (event.answer()) {
      case NOT_SENT ->
          s.branch().root()
              ? to(s.withdrawn(), refuse(s.branch(), Refusal.CONFLICT, event.detail()))
              : to(s.withdrawn());
      case SUCCESS, REFUSED, FAILED, LOST -> throw illegal(s, event);
    };
  }

  static Transition<ParticipantState, ParticipantEffect> ofWithdrawn(
      Withdrawn s, ParticipantEvent event) {
    return switch (event) {
      case BegunWritten _ -> stay(s); // an end is written behind it when it is durable
      case BegunDurable _ -> Rows.end(s.ending(), s.awaited());
      case WriteFailed e -> withdrawFailed(s, e);
      case Told e -> Rows.toldWhileAborting(s, s.awaited(e.awaited()), e.outcome());
      case ServiceAnswered e -> // the data path lets go of the request
          switch (e.answer()) {
            case NOT_SENT -> stay(s);
            case SUCCESS, REFUSED, FAILED, LOST -> throw illegal(s, event);
          };
      case CallOpened e -> refuseCall(s, e, Rows.ABORTED);
      case TimerFired _ -> stay(s);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          RecordDurable _,
          EndDurable _,
          AnswerStarted _,
          CallVoted _,
          CallEnded _,
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

  private static Transition<ParticipantState, ParticipantEffect> withdrawFailed(
      Withdrawn s, WriteFailed event) {
    return switch (event.write()) {
      // Not acknowledged: BEGUN may be durable, and then a restart has something to end.
      case BEGUN -> to(s.ended(), new Forget());
      case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
    };
  }

  private static ParticipantEffect refuse(Branch branch, Refusal refusal, String reason) {
    return branch.root()
        ? new CloseRoot(Rows.noVotes(branch, Calls.NONE, reason), TryAnswer.NOT_SENT, false)
        : new RefuseRequest(refusal, reason);
  }
}
