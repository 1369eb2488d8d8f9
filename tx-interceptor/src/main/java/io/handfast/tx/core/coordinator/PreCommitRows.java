package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AskStanding;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ForceDecision;
import io.handfast.tx.core.coordinator.CoordinatorEffect.StartTimer;
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
import io.handfast.tx.core.coordinator.PreCommitting.Stage;
import io.handfast.tx.core.coordinator.Questions.Question;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows from the moment at which all have promised to the decision (THREE_PHASE). */
final class PreCommitRows {
  private PreCommitRows() {}

  static Transition<CoordinatorState, CoordinatorEffect> ofPreCommitting(
      PreCommitting s, CoordinatorEvent event) {
    return switch (event) {
      case PreCommitDurable _ -> recorded(s);
      case PreCommitFailed e -> failed(s, e.reason());
      case MemberAnswered e -> answered(s, e);
      case MemberUnanswered e -> unanswered(s, e.participant());
      // Whatever became of its record: the branches know that all have promised, and would commit
      // without this coordinator.
      case DecisionDurable _, DecisionRefused _, DecisionFailed _ -> commit(s, telling(s));
      case TimerFired e -> timer(s, e);
      case Acknowledged e -> next(s, ActiveRows.acknowledged(telling(s), e));
      case Undelivered e -> next(s, telling(s).later(e.participant()));
      case ClientGone _ -> Transition.to(s.withResponded());
      case PrepareAnswered _, PrepareUnanswered _, DelegationAnswered _, DelegationUnanswered _ ->
          Transition.to(s); // late
      case Began _,
          Recovered _,
          RecoveredPreCommit _,
          Struck _,
          Doomed _,
          RootClosed _,
          DecisionLost _,
          Unresolved _,
          Unresolvable _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> next(
      PreCommitting s, Telling telling) {
    return new Transition<>(s.with(telling.deliveries(), telling.hazards()), telling.effects());
  }

  private static Telling telling(PreCommitting s) {
    return new Telling(s.deliveries(), s.hazards());
  }

  private static Transition<CoordinatorState, CoordinatorEffect> recorded(PreCommitting s) {
    Telling telling = telling(s);
    s.prepared().forEach(branch -> telling.add(new AskStanding(branch, true, 1)));
    return new Transition<>(s.with(Stage.TELLING), telling.effects());
  }

  /** Nobody was told: it aborts. A restart that finds it all the same asks the branches. */
  private static Transition<CoordinatorState, CoordinatorEffect> failed(
      PreCommitting s, String reason) {
    return abort(s, telling(s), Failure.UNAVAILABLE, null, reason);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> abort(
      PreCommitting s, Telling telling, Failure failure, @Nullable Blame blame, String reason) {
    telling.add(new CancelTimer(TimerKind.DEADLINE, null));
    telling.tell(s.prepared(), Outcome.ABORT, false);
    if (!s.responded()) {
      telling.answerFailure(failure, blame, reason);
    }
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries(), blame), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> answered(
      PreCommitting s, MemberAnswered event) {
    ParticipantKey participant = event.participant();
    Question question = s.questions().get(participant);
    if (question == null || s.stage() != Stage.TELLING) {
      return Transition.to(s); // late, or twice
    }
    return switch (event.standing()) {
      case PRE_COMMITTED, AWAY_PRE_COMMITTED ->
          decide(s.with(s.questions().without(participant), s.silentBut(participant)));
      // The branches have ended it without this coordinator, from which they were cut off.
      case COMMITTED -> commit(s, telling(s));
      case ABORTED -> aborted(s, question.branch());
      // It decides nothing by itself, so it is as one that has died: its store takes no records,
      // it comes from a backup, or another one answers at its address.
      case AWAY_READY, UNKNOWN -> unanswered(s, participant);
      case READY, OUT ->
          Transition.to(
              s.with(s.questions(), s.silentBut(participant)),
              new StartTimer(TimerKind.REDELIVER, participant, question.attempt()));
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> aborted(
      PreCommitting s, BranchVote branch) {
    Blame blame = new Blame(branch.branch(), branch.service(), "aborted without its coordinator");
    Telling telling = telling(s).add(new WriteEnded(false));
    return abort(s, telling, Failure.ABORTED, blame, "");
  }

  private static Transition<CoordinatorState, CoordinatorEffect> unanswered(
      PreCommitting s, ParticipantKey participant) {
    Question question = s.questions().get(participant);
    if (question == null || s.stage() != Stage.TELLING) {
      return Transition.to(s);
    }
    PreCommitting next = s.withSilent(participant);
    return next.isEnough()
        ? decide(next)
        : Transition.to(next, new StartTimer(TimerKind.REDELIVER, participant, question.attempt()));
  }

  private static Transition<CoordinatorState, CoordinatorEffect> decide(PreCommitting s) {
    return s.isEnough()
        ? Transition.to(
            s.with(Stage.DECIDING),
            new CancelTimer(TimerKind.DEADLINE, null),
            new ForceDecision(s.prepared(), false))
        : Transition.to(s);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> timer(
      PreCommitting s, TimerFired event) {
    return switch (event.kind()) {
      case DEADLINE -> expired(s);
      case REDELIVER -> again(s, event.participant());
      case COMPLETION_WAIT, RESOLVE, ABORT_DELIVERY -> Transition.to(s);
    };
  }

  /**
   * Before anybody was told it aborts. After that only the branches could: who is silent is taken
   * for dead, unless all are.
   */
  private static Transition<CoordinatorState, CoordinatorEffect> expired(PreCommitting s) {
    return switch (s.stage()) {
      case RECORDING -> abort(s, telling(s), Failure.DEADLINE, null, "");
      case DECIDING -> Transition.to(s);
      case TELLING -> {
        PreCommitting next = s.withExpired();
        yield next.isEnough() ? decide(next) : Transition.to(next);
      }
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> again(
      PreCommitting s, @Nullable ParticipantKey participant) {
    Question question = s.questions().get(participant);
    if (participant == null || question == null) {
      return next(s, telling(s).again(participant, false));
    }
    if (s.stage() != Stage.TELLING) {
      return Transition.to(s);
    }
    PreCommitting next =
        s.with(s.questions().again(participant, question), s.silentBut(participant));
    AskStanding ask = new AskStanding(question.branch(), true, question.attempt() + 1);
    if (!s.expired() || s.responded()) {
      return Transition.to(next, ask);
    }
    // Long enough: nothing is known of a branch on which it hangs.
    return Transition.to(
        next.withResponded(),
        ask,
        new AnswerFailure(
            Failure.UNKNOWN, null, "a branch did not say whether it has pre-committed"));
  }

  /** As {@link DecidingRows} does; {@code telling} holds what has happened before. */
  private static Transition<CoordinatorState, CoordinatorEffect> commit(
      PreCommitting s, Telling telling) {
    boolean waits = s.completionWait() && !s.responded() && s.hazards().isEmpty();
    if (!waits && !s.responded()) {
      telling.answerCommitted();
    }
    boolean owesAbort = s.deliveries().owes(Outcome.ABORT);
    telling.add(new CancelTimer(TimerKind.DEADLINE, null));
    telling.tell(s.prepared(), Outcome.COMMIT, waits);
    if (waits) {
      telling.add(new StartTimer(TimerKind.COMPLETION_WAIT, null, 1));
    }
    if (owesAbort) {
      telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    }
    List<BranchVote> all = s.prepared();
    return new Transition<>(
        s.committing(DecidingRows.decided(all), telling.deliveries(), !waits), telling.effects());
  }
}
