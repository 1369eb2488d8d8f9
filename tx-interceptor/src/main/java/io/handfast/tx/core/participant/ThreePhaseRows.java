package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerPreCommit;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerStanding;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Confirm;
import io.handfast.tx.core.participant.ParticipantEffect.ForcePreCommitted;
import io.handfast.tx.core.participant.ParticipantEffect.ForceResolution;
import io.handfast.tx.core.participant.ParticipantEffect.ForceWithdrawal;
import io.handfast.tx.core.participant.ParticipantEvent.AnswerStarted;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.BegunWritten;
import io.handfast.tx.core.participant.ParticipantEvent.CallEnded;
import io.handfast.tx.core.participant.ParticipantEvent.CallOpened;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import io.handfast.tx.core.participant.ParticipantEvent.CanCommitRequested;
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
import io.handfast.tx.core.participant.ParticipantEvent.PreCommitRequested;
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.PreparedInResource;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.ServicePrepared;
import io.handfast.tx.core.participant.ParticipantEvent.StandingAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.StandingRequested;
import io.handfast.tx.core.participant.ParticipantEvent.StandingUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.ThreePhase;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.AwaitingPrepare;
import io.handfast.tx.core.participant.ParticipantState.Preparing;
import io.handfast.tx.core.participant.ParticipantState.Promising;
import io.handfast.tx.core.participant.Uncertain.Phase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of THREE_PHASE: a branch that has promised, and its events wherever else they come. */
final class ThreePhaseRows {
  private ThreePhaseRows() {}

  static Transition<ParticipantState, ParticipantEffect> ofUncertain(
      Uncertain s, ParticipantEvent event) {
    return switch (event) {
      case PreCommitRequested e -> preCommit(s, e.elector());
      case RecordDurable _ -> recorded(s);
      case WriteFailed e ->
          switch (e.write()) {
            case BEGUN -> stay(s); // overlapped; the record behind it covers it
            case BRANCH_RECORD -> TerminationRows.writeFailed(s);
            case OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
          };
      case Told e ->
          switch (e.outcome()) {
            case COMMIT -> commit(s, e.awaited());
            case ABORT -> abort(s, e.awaited());
          };
      case InquiryAnswered e ->
          switch (e.answer()) {
            case COMMITTED -> commit(s, false);
            case ABORTED -> abort(s, false);
            case PENDING -> TerminationRows.coordinatorSaid(s, true);
            case NOT_MINE -> TerminationRows.coordinatorSaid(s, false);
          };
      case InquiryUnanswered _ -> TerminationRows.coordinatorSaid(s, false);
      case StandingAnswered e ->
          switch (e.standing()) {
            case COMMITTED -> commit(s, false);
            case ABORTED -> abort(s, false);
            case PRE_COMMITTED, READY, AWAY_PRE_COMMITTED, AWAY_READY, OUT, UNKNOWN ->
                TerminationRows.memberSaid(s, e.member(), e.standing());
          };
      case StandingUnanswered e -> TerminationRows.memberSilent(s, e.member());
      case StandingRequested e ->
          to(e.elector() == null ? s : s.heeding(e.elector()), new AnswerStanding(s.standing()));
      case CanCommitRequested _, PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case TimerFired e ->
          switch (e.kind()) {
            case DEADLINE -> TerminationRows.start(s);
            case INQUIRY ->
                s.phase() == Phase.WITHDRAWING
                    ? to(s, new ForceWithdrawal())
                    : TerminationRows.start(s);
            case TRY_TIMEOUT, RETRY -> stay(s);
          };
      case OperatorDecided e ->
          switch (s.phase()) {
            case READY, PRE_COMMITTED ->
                to(s.resolving(e.outcome()), new ForceResolution(e.outcome()));
            case PRE_COMMITTING, WITHDRAWING -> stay(s); // it is about to know
          };
      case VoteUnknown _, BegunDurable _, CallVoted _ -> stay(s);
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
          OwnDecisionInDoubt _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> preCommit(
      Uncertain s, @Nullable ParticipantKey elector) {
    return switch (s.phase()) {
      // Of somebody who has died since, an elector has counted that this branch has only promised.
      case READY ->
          s.heeds(elector)
              ? to(s.with(Phase.PRE_COMMITTING), new ForcePreCommitted())
              : to(s, new AnswerPreCommit(s.standing()));
      case PRE_COMMITTING -> stay(s); // answered when it is durable
      case PRE_COMMITTED, WITHDRAWING -> to(s, new AnswerPreCommit(s.standing()));
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> recorded(Uncertain s) {
    return switch (s.phase()) {
      case PRE_COMMITTING -> TerminationRows.preCommitted(s.with(Phase.PRE_COMMITTED));
      case WITHDRAWING -> abort(s, false);
      case READY, PRE_COMMITTED -> throw illegal(s, new RecordDurable());
    };
  }

  static Transition<ParticipantState, ParticipantEffect> commit(Uncertain s, boolean awaited) {
    if (s.phase() == Phase.WITHDRAWING) {
      return to(s, Rows.contradiction(s, Outcome.COMMIT)); // only where the network has parted
    }
    List<ParticipantEffect> effects = stopAsking(s, Standing.COMMITTED);
    effects.add(new Confirm(1));
    return to(s.confirming(awaited), effects);
  }

  static Transition<ParticipantState, ParticipantEffect> abort(Uncertain s, boolean awaited) {
    List<ParticipantEffect> effects = stopAsking(s, Standing.ABORTED);
    effects.add(new Cancel(true, 1));
    return to(s.cancelling(awaited), effects);
  }

  private static List<ParticipantEffect> stopAsking(Uncertain s, Standing now) {
    List<ParticipantEffect> effects = new ArrayList<>();
    effects.add(new CancelTimer(TimerKind.DEADLINE));
    effects.add(new CancelTimer(TimerKind.INQUIRY));
    if (s.phase() == Phase.PRE_COMMITTING) {
      effects.add(new AnswerPreCommit(now));
    }
    return effects;
  }

  /** Events of THREE_PHASE that come to any other state: early, late, twice, or forged. */
  static Transition<ParticipantState, ParticipantEffect> elsewhere(
      ParticipantState s, ThreePhase event) {
    return switch (event) {
      case CanCommitRequested e -> canCommit(s, e);
      case PreCommitRequested _ -> to(s, new AnswerPreCommit(standing(s)));
      case StandingRequested _ -> asked(s);
      // To a question from before the outcome was known.
      case StandingAnswered _, StandingUnanswered _ -> stay(s);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> canCommit(
      ParticipantState s, CanCommitRequested event) {
    if (s instanceof Preparing || s instanceof Promising) {
      return ParticipantCore.step(s, new PrepareRequested());
    }
    if (!(s instanceof AwaitingPrepare awaiting)) {
      return PrepareRows.elsewhere(s);
    }
    return isThreePhase(s.branch())
        ? ParticipantCore.step(awaiting.with(event.members()), new PrepareRequested())
        : to(s, PrepareRows.no(PrepareRows.NOT_OFFERED));
  }

  private static boolean isThreePhase(Branch branch) {
    return branch.protocol() == Protocol.THREE_PHASE;
  }

  /** Who is asked before it has promised will not: then nobody has heard of a pre-commit. */
  private static Transition<ParticipantState, ParticipantEffect> asked(ParticipantState s) {
    boolean mayPromise =
        s instanceof AwaitingPrepare || s instanceof Preparing || s instanceof Promising;
    if (!mayPromise || !isThreePhase(s.branch())) {
      return to(s, new AnswerStanding(standing(s)));
    }
    Transition<ParticipantState, ParticipantEffect> told =
        ParticipantCore.step(s, new Told(Outcome.ABORT, false));
    List<ParticipantEffect> effects = new ArrayList<>(told.effects());
    effects.add(new AnswerStanding(Standing.ABORTED));
    return to(told.next(), effects);
  }

  private static Standing standing(ParticipantState s) {
    return switch (s) {
      case ParticipantState.Confirming _ -> Standing.COMMITTED;
      case ParticipantState.Ending ending -> Standing.after(ending.outcome());
      case ParticipantState.Ended ended -> Standing.after(ended.outcome());
      case ParticipantState.Withdrawn _,
          ParticipantState.AbortedWorking _,
          ParticipantState.BegunRecovered _,
          ParticipantState.Cancelling _ ->
          Standing.ABORTED;
      case Uncertain uncertain -> uncertain.standing();
      case ParticipantState.New _,
          ParticipantState.Beginning _,
          ParticipantState.Working _,
          ParticipantState.Closing _,
          ParticipantState.Recording _,
          AwaitingPrepare _,
          Preparing _,
          Promising _,
          ParticipantState.Prepared _,
          ParticipantState.Resolving _,
          ParticipantState.DecidingAlone _ ->
          Standing.UNKNOWN;
    };
  }
}
