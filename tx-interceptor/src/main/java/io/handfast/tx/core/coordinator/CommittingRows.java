package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReleaseResponse;
import io.handfast.tx.core.coordinator.CoordinatorEffect.WriteEnded;
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
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.New;
import io.handfast.tx.core.coordinator.Deliveries.Delivery;
import java.util.List;

/** Rows of a transaction that has committed. */
final class CommittingRows {
  private CommittingRows() {}

  /** Whoever has not acknowledged is not known any more: all are told again. */
  static Transition<CoordinatorState, CoordinatorEffect> recover(New s, List<BranchVote> branches) {
    Telling telling = new Telling(Deliveries.NONE, List.of()).tell(branches, Outcome.COMMIT, false);
    return finish(s.recovered(DecidingRows.decided(branches), telling.deliveries()), telling);
  }

  static Transition<CoordinatorState, CoordinatorEffect> ofCommitting(
      Committing s, CoordinatorEvent event) {
    return switch (event) {
      case Acknowledged e -> acknowledged(s, e);
      case Undelivered e -> finish(s, telling(s).later(e.participant()));
      case TimerFired e -> timer(s, e);
      case ClientGone _ -> Transition.to(s.withResponded());
      case PrepareAnswered _, PrepareUnanswered _, DelegationAnswered _, DelegationUnanswered _ ->
          Transition.to(s); // late
      case ThreePhase e -> SettlingRows.late(s, e);
      case Began _,
          Recovered _,
          Struck _,
          Doomed _,
          RootClosed _,
          DecisionDurable _,
          DecisionRefused _,
          DecisionFailed _,
          DecisionLost _,
          Unresolved _,
          Unresolvable _ ->
          throw illegal(s, event);
    };
  }

  private static Telling telling(Committing s) {
    return new Telling(s.deliveries(), s.hazards());
  }

  private static Transition<CoordinatorState, CoordinatorEffect> timer(
      Committing s, TimerFired event) {
    Telling telling = telling(s);
    return switch (event.kind()) {
      case COMPLETION_WAIT ->
          s.responded()
              ? Transition.to(s)
              : Transition.to(s.withResponded(), new ReleaseResponse());
      case REDELIVER -> finish(s, telling.again(event.participant(), !s.responded()));
      case ABORT_DELIVERY -> finish(s, telling.giveUp(Outcome.ABORT));
      case DEADLINE, RESOLVE -> Transition.to(s);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> acknowledged(
      Committing s, Acknowledged event) {
    ParticipantKey participant = event.participant();
    Delivery delivery = s.deliveries().get(participant);
    if (delivery == null) {
      return Transition.to(s); // late, or twice
    }
    Telling telling = telling(s);
    return switch (event.acknowledgement()) {
      case DONE -> finish(s, telling.settled(participant));
      case WORKING -> finish(s, telling.later(participant));
      case HAZARD ->
          hazard(s, delivery.branch(), participant, event.detail(), telling.settled(participant));
      case ANOTHER_STORE ->
          switch (delivery.outcome()) {
            // Who voted may come back to its address, so it is told until then (T16); meanwhile a
            // person must know.
            case COMMIT ->
                hazard(
                    s,
                    delivery.branch(),
                    participant,
                    event.detail().isEmpty() ? ANOTHER_STORE : event.detail(),
                    telling.later(participant));
            // Another store holds nothing of this branch: who voted asks, and is told by absence.
            case ABORT -> finish(s, telling.settled(participant));
          };
    };
  }

  private static final String ANOTHER_STORE = "another store answers at the participant's address";

  private static Transition<CoordinatorState, CoordinatorEffect> hazard(
      Committing s, BranchVote branch, ParticipantKey participant, String detail, Telling telling) {
    if (!telling.hazard(branch, participant, detail) || s.responded()) {
      return finish(s, telling);
    }
    telling.add(new CancelTimer(TimerKind.COMPLETION_WAIT, null)).answerCommitted();
    return finish(s.withResponded(), telling);
  }

  /** The response goes when no COMMIT is owed, the transaction when nothing is. */
  static Transition<CoordinatorState, CoordinatorEffect> finish(Committing s, Telling telling) {
    Deliveries deliveries = telling.deliveries();
    Committing next = s.with(deliveries, telling.hazards());
    if (!s.responded() && !deliveries.owes(Outcome.COMMIT)) {
      telling.add(new CancelTimer(TimerKind.COMPLETION_WAIT, null)).answerCommitted();
      next = next.withResponded();
    }
    if (!deliveries.isEmpty()) {
      return new Transition<>(next, telling.effects());
    }
    if (s.recorded()) {
      telling.add(new WriteEnded(!telling.hazards().isEmpty()));
    }
    return new Transition<>(next.ended(), telling.add(new Forget()).effects());
  }
}
