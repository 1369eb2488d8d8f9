package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendDelegation;
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
import io.handfast.tx.core.coordinator.CoordinatorState.Delegating;
import java.util.List;

/**
 * Rows while the decision is the only updating branch's (ONE_PHASE). Whether it has decided is not
 * known here until it answers: it is asked again, and the client is told unknown at the deadline.
 */
final class DelegatingRows {
  private DelegatingRows() {}

  /** The deadline goes on: until then an answer is waited for. */
  static Transition<CoordinatorState, CoordinatorEffect> delegate(
      Active s, Tally tally, Telling telling) {
    Delegating next = s.delegating(tally.asked().getFirst(), tally.struck(), telling.deliveries());
    return new Transition<>(next, telling.add(new SendDelegation(next.branch(), 1)).effects());
  }

  static Transition<CoordinatorState, CoordinatorEffect> ofDelegating(
      Delegating s, CoordinatorEvent event) {
    return switch (event) {
      case DelegationAnswered e -> answered(s, e);
      case DelegationUnanswered e -> Transition.to(s.withTrouble(e.reason()), later(s));
      case Acknowledged e -> next(s, ActiveRows.acknowledged(telling(s), e));
      case Undelivered e -> next(s, telling(s).later(e.participant()));
      // Too late to abort: it may have committed.
      case ClientGone _ -> Transition.to(s.withResponded());
      case TimerFired e -> timer(s, e);
      case PrepareAnswered _, PrepareUnanswered _ -> Transition.to(s); // not asked
      // Asked by a stranger: this coordinator has not begun to pre-commit.
      case MemberAnswered _, MemberUnanswered _ -> Transition.to(s);
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
          Unresolvable _,
          RecoveredPreCommit _,
          PreCommitDurable _,
          PreCommitFailed _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> next(
      Delegating s, Telling telling) {
    return new Transition<>(s.with(telling.deliveries(), telling.hazards()), telling.effects());
  }

  private static Telling telling(Delegating s) {
    return new Telling(s.deliveries(), s.hazards());
  }

  private static StartTimer later(Delegating s) {
    return new StartTimer(TimerKind.REDELIVER, s.branch().key(), s.attempt());
  }

  private static Transition<CoordinatorState, CoordinatorEffect> answered(
      Delegating s, DelegationAnswered event) {
    return switch (event.answer()) {
      case COMMITTED -> committed(s);
      case ABORTED -> aborted(s, event.reason());
      case PENDING -> Transition.to(s, later(s));
      case NOT_MINE -> unknown(s, "the branch that decides knows nothing of it any more");
    };
  }

  /** The branch keeps its decision and carries it out: nothing is owed to it. */
  private static Transition<CoordinatorState, CoordinatorEffect> committed(Delegating s) {
    Telling telling = telling(s).add(new CancelTimer(TimerKind.DEADLINE, null));
    if (!s.responded()) {
      telling.answerCommitted();
    }
    if (!telling.deliveries().isEmpty()) {
      telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    }
    return CommittingRows.finish(
        s.committing(DecidingRows.decided(List.of(s.branch())), telling.deliveries()), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> aborted(
      Delegating s, String reason) {
    Blame blame = new Blame(s.branch().branch(), s.branch().service(), reason);
    Telling telling = telling(s).add(new CancelTimer(TimerKind.DEADLINE, null));
    if (!s.responded()) {
      telling.answerFailure(Failure.ABORTED, blame, "");
    }
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries(), blame), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> timer(
      Delegating s, TimerFired event) {
    return switch (event.kind()) {
      case DEADLINE -> expired(s);
      case REDELIVER ->
          s.branch().key() != null && s.branch().key().equals(event.participant())
              ? Transition.to(s.again(), new SendDelegation(s.branch(), s.attempt() + 1))
              : next(s, telling(s).again(event.participant(), false));
      // Asked long enough: nobody here waits for the answer, and the branch has its decision.
      case ABORT_DELIVERY -> unknown(s, s.trouble());
      case COMPLETION_WAIT, RESOLVE -> Transition.to(s);
    };
  }

  /** Never "deadline": it may have committed. It is asked on for a while, for operators. */
  private static Transition<CoordinatorState, CoordinatorEffect> expired(Delegating s) {
    Telling telling = telling(s);
    if (!s.responded()) {
      telling.add(new AnswerFailure(Failure.UNKNOWN, null, why(s.trouble())));
    }
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return new Transition<>(s.withResponded(), telling.effects());
  }

  private static Transition<CoordinatorState, CoordinatorEffect> unknown(
      Delegating s, String reason) {
    Telling telling = telling(s).add(new CancelTimer(TimerKind.DEADLINE, null));
    if (!s.responded()) {
      telling.add(new AnswerFailure(Failure.UNKNOWN, null, why(reason)));
    }
    return new Transition<>(s.ended(), telling.add(new Forget()).effects());
  }

  private static String why(String trouble) {
    String decides = "the branch that decides did not say whether it has committed";
    return trouble.isEmpty() ? decides : decides + ": " + trouble;
  }
}
