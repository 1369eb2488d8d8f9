package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Confirm;
import io.handfast.tx.core.participant.ParticipantEffect.ForceResolution;
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
import io.handfast.tx.core.participant.ParticipantEvent.StandingAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.StandingUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.ThreePhase;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Resolving;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of a branch in doubt that an operator decides (a heuristic decision). From the moment at
 * which that is handed to the store what is told has to wait: once it is durable the branch does
 * what the operator said, and the truth is compared with that afterwards.
 */
final class ResolutionRows {
  private ResolutionRows() {}

  static Transition<ParticipantState, ParticipantEffect> decided(Prepared s, Outcome outcome) {
    return to(s.resolving(outcome), new ForceResolution(outcome));
  }

  static Transition<ParticipantState, ParticipantEffect> ofResolving(
      Resolving s, ParticipantEvent event) {
    return switch (event) {
      case RecordDurable _ -> carryOut(s);
      case OwnDecisionInDoubt _ -> stay(s.withDoubt()); // nothing is done before a restart (T18)
      case WriteFailed e ->
          switch (e.write()) {
            // It is not there and never will be: in doubt as before.
            case RESOLUTION ->
                s.member() == null
                    ? OutcomeRows.inquire(s.before())
                    : TerminationRows.resumed(s.member());
            case BEGUN -> stay(s);
            case BRANCH_RECORD, OWN_DECISION, END -> throw illegal(s, event);
          };
      case TimerFired e ->
          switch (e.kind()) {
            case DEADLINE -> stay(s.with(s.before().pastDeadline()));
            case TRY_TIMEOUT -> stay(s.with(s.before().tryTimedOut()));
            case INQUIRY, RETRY -> stay(s);
          };
      // Told again, asked again: nobody was answered.
      case Told _, VoteUnknown _ -> stay(s);
      case InquiryAnswered _, InquiryUnanswered _ ->
          stay(s.member() == null ? s : s.with(TerminationRows.heard(s.member())));
      case StandingAnswered e -> stay(heard(s, e.member()));
      case StandingUnanswered e -> stay(heard(s, e.member()));
      case OperatorDecided _ -> stay(s); // the first word counts
      case BegunDurable _ -> stay(s);
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
          EndDurable _,
          AnswerStarted _,
          ServiceAnswered _,
          ServicePrepared _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _ ->
          throw illegal(s, event);
    };
  }

  private static Resolving heard(Resolving s, ParticipantKey member) {
    return s.member() == null ? s : s.with(TerminationRows.heard(s.member(), member));
  }

  private static Transition<ParticipantState, ParticipantEffect> carryOut(Resolving s) {
    List<ParticipantEffect> effects = new ArrayList<>();
    effects.add(new CancelTimer(TimerKind.DEADLINE));
    effects.add(new CancelTimer(TimerKind.INQUIRY));
    return switch (s.outcome()) {
      case COMMIT -> {
        effects.add(new CancelTimer(TimerKind.TRY_TIMEOUT));
        effects.add(new Confirm(1));
        yield to(s.before().confirming(false), effects);
      }
      case ABORT -> {
        if (s.before().tryMayRun()) {
          BegunRecovered waits = s.before().waitingForTry(false);
          yield to(waits, effects);
        }
        Cancelling undoes = s.before().cancelling(false);
        effects.add(new Cancel(undoes.answered(), 1));
        yield to(undoes, effects);
      }
    };
  }
}
