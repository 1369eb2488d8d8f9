package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Acknowledged;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Began;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ClientGone;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionLost;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionRefused;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DelegationAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DelegationUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Doomed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Recovered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ThreePhase;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolvable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolved;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rows of a transaction that has aborted, and of one that is over. */
final class AbortingRows {
  private AbortingRows() {}

  static Transition<CoordinatorState, CoordinatorEffect> ofAborting(
      Aborting s, CoordinatorEvent event) {
    Telling telling = new Telling(s.deliveries(), s.hazards());
    return switch (event) {
      // Below the root there is more than was known when ABORT went out.
      case Struck e ->
          finish(s, telling.tell(Tally.of(e.votes(), Set.of()).toAbort(), Outcome.ABORT, false));
      case Doomed e ->
          finish(s, telling.tell(Tally.of(e.votes(), Set.of()).toAbort(), Outcome.ABORT, false));
      case RootClosed e -> closed(s, e, telling);
      case Acknowledged e -> finish(s, ActiveRows.acknowledged(telling, e));
      case Undelivered e -> finish(s, telling.later(e.participant()));
      case ClientGone _ -> finish(s.withResponded(), telling);
      case TimerFired e ->
          switch (e.kind()) {
            case DEADLINE ->
                s.responded() ? Transition.to(s) : answer(s, telling, Failure.DEADLINE, s.blame());
            case REDELIVER -> finish(s, telling.again(e.participant(), false));
            case ABORT_DELIVERY -> finish(s, telling.giveUp(Outcome.ABORT));
            case COMPLETION_WAIT, RESOLVE -> Transition.to(s);
          };
      case PrepareAnswered _, PrepareUnanswered _, DelegationAnswered _, DelegationUnanswered _ ->
          Transition.to(s); // late
      case ThreePhase e -> SettlingRows.late(s, e);
      case Began _,
          Recovered _,
          DecisionDurable _,
          DecisionRefused _,
          DecisionFailed _,
          DecisionLost _,
          Unresolved _,
          Unresolvable _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> closed(
      Aborting s, RootClosed event, Telling telling) {
    Tally tally = Tally.of(event.votes(), Set.of());
    telling.tell(tally.toAbort(), Outcome.ABORT, false);
    if (s.responded()) {
      return finish(s, telling);
    }
    telling.add(new CancelTimer(TimerKind.DEADLINE, null));
    Blame blame = s.blame() == null ? tally.no() : s.blame();
    return switch (event.answer()) {
      case SUCCESS -> answer(s, telling, Failure.ABORTED, blame);
      case ERROR -> answer(s, telling, Failure.OWN_ERROR, blame);
      case LOST -> answer(s, telling, Failure.NO_ANSWER, blame);
      case NOT_SENT -> answer(s, telling, Failure.UNAVAILABLE, blame);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> answer(
      Aborting s, Telling telling, Failure failure, @Nullable Blame blame) {
    return finish(s.withResponded(), telling.answerFailure(failure, blame, ""));
  }

  /** Nothing was recorded and nothing is: absence says abort. */
  static Transition<CoordinatorState, CoordinatorEffect> finish(Aborting s, Telling telling) {
    Aborting next = s.with(telling.deliveries(), telling.hazards());
    return s.responded() && telling.deliveries().isEmpty()
        ? new Transition<>(next.ended(), telling.add(new Forget()).effects())
        : new Transition<>(next, telling.effects());
  }

  /** What comes late is dropped: participants that were not told ask, and absence answers. */
  static Transition<CoordinatorState, CoordinatorEffect> ofEnded(Ended s, CoordinatorEvent event) {
    return switch (event) {
      case Struck _,
          Doomed _,
          RootClosed _,
          Acknowledged _,
          Undelivered _,
          ClientGone _,
          TimerFired _ ->
          Transition.to(s);
      case PrepareAnswered _, PrepareUnanswered _, DelegationAnswered _, DelegationUnanswered _ ->
          Transition.to(s); // late
      case ThreePhase e -> SettlingRows.late(s, e);
      case Began _,
          Recovered _,
          DecisionDurable _,
          DecisionRefused _,
          DecisionFailed _,
          DecisionLost _,
          Unresolved _,
          Unresolvable _ ->
          throw illegal(s, event);
    };
  }
}
