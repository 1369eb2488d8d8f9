package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ForceDecision;
import io.handfast.tx.core.coordinator.CoordinatorEffect.StartTimer;
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
import io.handfast.tx.core.coordinator.CoordinatorEvent.MemberAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.MemberUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PreCommitDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PreCommitFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Recovered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RecoveredPreCommit;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolvable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolved;
import io.handfast.tx.core.coordinator.CoordinatorState.Active;
import io.handfast.tx.core.coordinator.CoordinatorState.New;
import io.handfast.tx.core.coordinator.Deliveries.Delivery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows up to the decision. */
final class ActiveRows {
  private ActiveRows() {}

  static Transition<CoordinatorState, CoordinatorEffect> ofNew(New s, CoordinatorEvent event) {
    return switch (event) {
      case Began e ->
          Transition.to(
              s.active(e.root(), e.completionWait()), new StartTimer(TimerKind.DEADLINE, null, 1));
      case Recovered e -> CommittingRows.recover(s, e.branches());
      case RecoveredPreCommit e -> SettlingRows.recover(s, e.branches());
      case Struck _,
          Doomed _,
          RootClosed _,
          DecisionDurable _,
          DecisionRefused _,
          DecisionFailed _,
          DecisionLost _,
          Unresolved _,
          Unresolvable _,
          Acknowledged _,
          Undelivered _,
          ClientGone _,
          TimerFired _,
          PrepareAnswered _,
          PrepareUnanswered _,
          DelegationAnswered _,
          DelegationUnanswered _,
          PreCommitDurable _,
          PreCommitFailed _,
          MemberAnswered _,
          MemberUnanswered _ ->
          throw illegal(s, event);
    };
  }

  static Transition<CoordinatorState, CoordinatorEffect> ofActive(
      Active s, CoordinatorEvent event) {
    return switch (event) {
      case Struck e -> {
        Tally tally = Tally.of(e.votes(), s.struck());
        Telling telling = tellStruck(s, tally);
        yield new Transition<>(
            s.withStruck(tally.struck(), telling.deliveries()), telling.effects());
      }
      case Doomed e -> doomed(s, e);
      case RootClosed e -> closed(s, e);
      case Acknowledged e -> next(s, acknowledged(telling(s), e));
      case Undelivered e -> next(s, telling(s).later(e.participant()));
      case TimerFired e -> timer(s, e);
      case ClientGone _ -> abandon(s, telling(s));
      // Asked by a stranger: this coordinator has not begun to pre-commit.
      case MemberAnswered _, MemberUnanswered _ -> Transition.to(s);
      case Began _,
          Recovered _,
          DecisionDurable _,
          DecisionRefused _,
          DecisionFailed _,
          DecisionLost _,
          Unresolved _,
          Unresolvable _,
          PrepareAnswered _,
          PrepareUnanswered _,
          DelegationAnswered _,
          DelegationUnanswered _,
          RecoveredPreCommit _,
          PreCommitDurable _,
          PreCommitFailed _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> next(Active s, Telling telling) {
    return new Transition<>(s.with(telling.deliveries(), telling.hazards()), telling.effects());
  }

  private static Telling telling(Active s) {
    return new Telling(s.deliveries(), s.hazards());
  }

  /** To the branches struck off this is ABORT; nobody waits for it (T12). */
  private static Telling tellStruck(Active s, Tally tally) {
    return telling(s).tell(tally.struckReachable(), Outcome.ABORT, false);
  }

  /** What a participant says to ABORT, while nobody waits for it. */
  static Telling acknowledged(Telling telling, Acknowledged event) {
    Delivery delivery = telling.deliveries().get(event.participant());
    if (delivery == null) {
      return telling; // late, or twice
    }
    if (event.acknowledgement() == Acknowledgement.HAZARD) {
      telling.hazard(delivery.branch(), event.participant(), event.detail());
    }
    return switch (event.acknowledgement()) {
      // Another store holds nothing of this branch: who voted asks, and is told by absence.
      case DONE, ANOTHER_STORE, HAZARD -> telling.settled(event.participant());
      case WORKING -> telling.later(event.participant());
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> timer(Active s, TimerFired event) {
    return switch (event.kind()) {
      case DEADLINE -> abandon(s, telling(s).answerFailure(Failure.DEADLINE, null, ""));
      case REDELIVER -> next(s, telling(s).again(event.participant(), false));
      case COMPLETION_WAIT, RESOLVE, ABORT_DELIVERY -> Transition.to(s);
    };
  }

  /**
   * The client has its answer or has gone; the root does not know yet, and says what is below it
   * when it is told.
   */
  private static Transition<CoordinatorState, CoordinatorEffect> abandon(
      Active s, Telling telling) {
    telling.add(new CancelTimer(TimerKind.DEADLINE, null));
    telling.tell(List.of(s.root().vote(Vote.PREPARED, "")), Outcome.ABORT, false);
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries(), true, null), telling);
  }

  /**
   * ABORT goes at once; the client is answered when the service has answered, for its own error
   * goes first.
   */
  private static Transition<CoordinatorState, CoordinatorEffect> doomed(Active s, Doomed event) {
    Telling telling = telling(s);
    telling.tell(Tally.of(event.votes(), s.struck()).toAbort(), Outcome.ABORT, false);
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries(), false, event.blame()), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> closed(
      Active s, RootClosed event) {
    Tally tally = Tally.of(event.votes(), s.struck());
    return switch (event.answer()) {
      case SUCCESS ->
          tally.no() == null
              ? allYes(s, tally, event.recordRides())
              : abort(s, tally, Failure.ABORTED, tally.no());
      case ERROR -> abort(s, tally, Failure.OWN_ERROR, tally.no());
      case LOST -> abort(s, tally, Failure.NO_ANSWER, tally.no());
      case NOT_SENT -> abort(s, tally, Failure.UNAVAILABLE, tally.no());
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> abort(
      Active s, Tally tally, Failure failure, @Nullable Blame blame) {
    Telling telling = telling(s);
    telling.add(new CancelTimer(TimerKind.DEADLINE, null));
    telling.tell(tally.toAbort(), Outcome.ABORT, false);
    telling.answerFailure(failure, blame, "");
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries(), true, blame), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> allYes(
      Active s, Tally tally, boolean recordRides) {
    Telling telling = tellStruck(s, tally);
    if (s.root().protocol() == Protocol.ONE_PHASE
        && tally.prepared().isEmpty()
        && tally.asked().size() == 1) {
      return DelegatingRows.delegate(s, tally, telling);
    }
    if (s.root().protocol() == Protocol.THREE_PHASE && !tally.prepared().isEmpty()) {
      return abort(s, tally, Failure.ABORTED, unasked(tally.prepared().getFirst()));
    }
    if (!tally.asked().isEmpty()) {
      return AskingRows.ask(s, tally, recordRides, telling);
    }
    telling.add(new CancelTimer(TimerKind.DEADLINE, null));
    if (!tally.prepared().isEmpty()) {
      telling.add(new ForceDecision(tally.prepared(), recordRides));
      return new Transition<>(
          s.deciding(tally.prepared(), tally.struck(), telling.deliveries()), telling.effects());
    }
    nothingToCommit(telling);
    return CommittingRows.finish(s.committing(telling.deliveries(), true), telling);
  }

  /** It would not know with whom it commits. */
  private static Blame unasked(BranchVote branch) {
    return new Blame(
        branch.branch(),
        branch.service(),
        "voted prepared (expected: ask, for the transaction commits by THREE_PHASE)");
  }

  /** Nothing was changed anywhere: committed without a record, for nobody will ever ask. */
  static void nothingToCommit(Telling telling) {
    telling.answerCommitted();
    if (!telling.deliveries().isEmpty()) {
      telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    }
  }
}
