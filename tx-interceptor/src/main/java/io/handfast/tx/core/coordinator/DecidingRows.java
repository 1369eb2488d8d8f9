package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Resolve;
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
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import io.handfast.tx.core.coordinator.CoordinatorState.InDoubt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rows while the decision is being forced, and when that failed. */
final class DecidingRows {
  private DecidingRows() {}

  static Transition<CoordinatorState, CoordinatorEffect> ofDeciding(
      Deciding s, CoordinatorEvent event) {
    return switch (event) {
      case DecisionDurable _ -> decided(s);
      case DecisionRefused e -> aborted(s, Failure.UNAVAILABLE, e.reason());
      case DecisionLost e -> aborted(s, Failure.DEADLINE, e.reason());
      case DecisionFailed e -> failed(s, e);
      case ClientGone _ -> Transition.to(s.withResponded());
      case Acknowledged e -> next(s, ActiveRows.acknowledged(telling(s), e));
      case Undelivered e -> next(s, telling(s).later(e.participant()));
      case TimerFired e ->
          switch (e.kind()) {
            case REDELIVER -> next(s, telling(s).again(e.participant(), false));
            // Too late for the deadline: the decision may be durable already.
            case DEADLINE, COMPLETION_WAIT, RESOLVE, ABORT_DELIVERY -> Transition.to(s);
          };
      case PrepareAnswered _, PrepareUnanswered _, DelegationAnswered _, DelegationUnanswered _ ->
          Transition.to(s); // late
      // Asked by a stranger: this coordinator has not begun to pre-commit.
      case MemberAnswered _, MemberUnanswered _ -> Transition.to(s);
      case Began _,
          Recovered _,
          Struck _,
          Doomed _,
          RootClosed _,
          Unresolved _,
          Unresolvable _,
          RecoveredPreCommit _,
          PreCommitDurable _,
          PreCommitFailed _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> next(Deciding s, Telling telling) {
    return new Transition<>(s.with(telling.deliveries(), telling.hazards()), telling.effects());
  }

  private static Telling telling(Deciding s) {
    return new Telling(s.deliveries(), s.hazards());
  }

  private static Transition<CoordinatorState, CoordinatorEffect> failed(
      Deciding s, DecisionFailed event) {
    List<CoordinatorEffect> effects = new ArrayList<>();
    if (!s.responded()) {
      effects.add(new AnswerFailure(Failure.UNKNOWN, null, event.reason()));
    }
    InDoubt next = s.inDoubt(event.reason());
    if (event.resolvable()) {
      effects.add(new Resolve(next.attempt()));
    }
    return new Transition<>(next, effects);
  }

  /**
   * The decision is not there and never will be, and nobody was told: absence says abort, or a
   * record of it, so it aborts.
   */
  private static Transition<CoordinatorState, CoordinatorEffect> aborted(
      Deciding s, Failure failure, String reason) {
    Telling telling = telling(s).tell(s.prepared(), Outcome.ABORT, false);
    if (!s.responded()) {
      telling.answerFailure(failure, null, reason);
    }
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries()), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> decided(Deciding s) {
    boolean waits = s.completionWait() && !s.responded() && s.hazards().isEmpty();
    Telling telling = telling(s);
    if (!waits && !s.responded()) {
      telling.answerCommitted();
    }
    boolean owesAbort = s.deliveries().owes(Outcome.ABORT);
    telling.tell(s.prepared(), Outcome.COMMIT, waits);
    if (waits) {
      telling.add(new StartTimer(TimerKind.COMPLETION_WAIT, null, 1));
    }
    if (owesAbort) {
      telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    }
    return new Transition<>(
        s.committing(decided(s.prepared()), telling.deliveries(), !waits), telling.effects());
  }

  /** Who commits, as the decision lists them. */
  static Set<Decided> decided(List<BranchVote> branches) {
    Set<Decided> decided = new HashSet<>();
    for (BranchVote branch : branches) {
      ParticipantKey key = branch.key();
      if (key != null) {
        decided.add(new Decided(key, branch.handle()));
      }
    }
    return decided;
  }

  /**
   * Nothing moves before the store has been read; no decision is told meanwhile, for it might have
   * to be taken back (T18). ABORT of what was struck off stands whatever is decided.
   */
  static Transition<CoordinatorState, CoordinatorEffect> ofInDoubt(
      InDoubt s, CoordinatorEvent event) {
    return switch (event) {
      case PrepareAnswered _, PrepareUnanswered _, DelegationAnswered _, DelegationUnanswered _ ->
          Transition.to(s); // late
      case DecisionDurable _ -> found(s);
      case DecisionLost _ -> lost(s);
      case Unresolved _ -> Transition.to(s, new StartTimer(TimerKind.RESOLVE, null, s.attempt()));
      case Unresolvable _ -> Transition.to(s.ended(), new Forget());
      case Acknowledged e -> next(s, ActiveRows.acknowledged(telling(s), e));
      case Undelivered e -> next(s, telling(s).later(e.participant()));
      case ClientGone _ -> Transition.to(s);
      case TimerFired e ->
          switch (e.kind()) {
            case RESOLVE -> Transition.to(s.again(), new Resolve(s.attempt() + 1));
            case REDELIVER -> next(s, telling(s).again(e.participant(), false));
            case DEADLINE, COMPLETION_WAIT, ABORT_DELIVERY -> Transition.to(s);
          };
      // Asked by a stranger: this coordinator has not begun to pre-commit.
      case MemberAnswered _, MemberUnanswered _ -> Transition.to(s);
      case Began _,
          Recovered _,
          Struck _,
          Doomed _,
          RootClosed _,
          DecisionRefused _,
          DecisionFailed _,
          RecoveredPreCommit _,
          PreCommitDurable _,
          PreCommitFailed _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> next(InDoubt s, Telling telling) {
    return new Transition<>(s.with(telling.deliveries(), telling.hazards()), telling.effects());
  }

  private static Telling telling(InDoubt s) {
    return new Telling(s.deliveries(), s.hazards());
  }

  /** The decision was there: who has to commit is told; the client knows nothing of it. */
  private static Transition<CoordinatorState, CoordinatorEffect> found(InDoubt s) {
    boolean owesAbort = s.deliveries().owes(Outcome.ABORT);
    Telling telling = telling(s).tell(s.prepared(), Outcome.COMMIT, false);
    if (owesAbort) {
      telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    }
    return CommittingRows.finish(
        s.committing(decided(s.prepared()), telling.deliveries()), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> lost(InDoubt s) {
    Telling telling = telling(s).tell(s.prepared(), Outcome.ABORT, false);
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries()), telling);
  }
}
