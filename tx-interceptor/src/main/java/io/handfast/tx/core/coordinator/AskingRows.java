package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ForceDecision;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ForcePreCommit;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendCanCommit;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendPrepare;
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
import io.handfast.tx.core.coordinator.CoordinatorState.Asking;
import io.handfast.tx.core.coordinator.Questions.Question;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows while branches that voted {@code ask} are asked to prepare. */
final class AskingRows {
  private AskingRows() {}

  /** All at once, before the deadline, which goes on. */
  static Transition<CoordinatorState, CoordinatorEffect> ask(
      Active s, Tally tally, boolean recordRides, Telling telling) {
    Asking next =
        s.asking(
            tally.prepared(),
            Questions.of(tally.asked()),
            recordRides ? s.root().id() : null,
            tally.struck(),
            telling.deliveries());
    tally.asked().forEach(branch -> telling.add(question(next, branch, 1)));
    return new Transition<>(next, telling.effects());
  }

  private static CoordinatorEffect question(Asking s, BranchVote branch, int attempt) {
    return s.members().isEmpty()
        ? new SendPrepare(branch, attempt)
        : new SendCanCommit(branch, s.members(), attempt);
  }

  static Transition<CoordinatorState, CoordinatorEffect> ofAsking(
      Asking s, CoordinatorEvent event) {
    return switch (event) {
      case PrepareAnswered e -> answered(s, e);
      case PrepareUnanswered e -> unanswered(s, e);
      case Acknowledged e -> next(s, ActiveRows.acknowledged(telling(s), e));
      case Undelivered e -> next(s, telling(s).later(e.participant()));
      case ClientGone _ -> abort(s, null, null, null);
      case TimerFired e ->
          switch (e.kind()) {
            case DEADLINE -> abort(s, null, Failure.DEADLINE, null);
            case REDELIVER -> again(s, e.participant());
            case COMPLETION_WAIT, RESOLVE, ABORT_DELIVERY -> Transition.to(s);
          };
      case DelegationAnswered _, DelegationUnanswered _ -> Transition.to(s); // not its
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

  private static Transition<CoordinatorState, CoordinatorEffect> next(Asking s, Telling telling) {
    return new Transition<>(s.with(telling.deliveries(), telling.hazards()), telling.effects());
  }

  private static Telling telling(Asking s) {
    return new Telling(s.deliveries(), s.hazards());
  }

  private static Transition<CoordinatorState, CoordinatorEffect> answered(
      Asking s, PrepareAnswered event) {
    ParticipantKey participant = event.participant();
    Question question = s.questions().get(participant);
    if (question == null) {
      return changedItsMind(s, event);
    }
    return switch (event.vote()) {
      case PREPARED -> {
        List<BranchVote> prepared = new ArrayList<>(s.prepared());
        prepared.add(question.branch().prepared());
        yield proceed(s.with(prepared, s.questions().without(participant)));
      }
      case READ_ONLY -> proceed(s.with(s.prepared(), s.questions().without(participant)));
      case ABORT -> no(s, participant, question.branch(), event.reason());
      case ASK ->
          Transition.to(s, new StartTimer(TimerKind.REDELIVER, participant, question.attempt()));
      case STRUCK -> throw illegal(s, event);
    };
  }

  /** Late, or twice; but abort wins over prepared (T10). */
  private static Transition<CoordinatorState, CoordinatorEffect> changedItsMind(
      Asking s, PrepareAnswered event) {
    for (BranchVote branch : s.prepared()) {
      if (event.participant().equals(branch.key())) {
        return switch (event.vote()) {
          // It stays in doubt until it is told: what it said first may have been counted elsewhere.
          case ABORT -> no(s, null, branch, event.reason());
          case PREPARED, READ_ONLY, ASK -> Transition.to(s);
          case STRUCK -> throw illegal(s, event);
        };
      }
    }
    return Transition.to(s);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> unanswered(
      Asking s, PrepareUnanswered event) {
    Question question = s.questions().get(event.participant());
    return question == null
        ? Transition.to(s)
        : no(s, null, question.branch(), "asked to prepare: no answer: " + event.reason());
  }

  private static Transition<CoordinatorState, CoordinatorEffect> again(
      Asking s, @Nullable ParticipantKey participant) {
    Question question = s.questions().get(participant);
    if (participant == null || question == null) {
      return next(s, telling(s).again(participant, false));
    }
    return Transition.to(
        s.with(s.prepared(), s.questions().again(participant, question)),
        question(s, question.branch(), question.attempt() + 1));
  }

  private static Transition<CoordinatorState, CoordinatorEffect> proceed(Asking s) {
    if (!s.questions().isEmpty()) {
      return Transition.to(s);
    }
    if (!s.members().isEmpty() && !s.prepared().isEmpty()) {
      return Transition.to(s.preCommitting(), new ForcePreCommit(s.prepared()));
    }
    Telling telling = telling(s).add(new CancelTimer(TimerKind.DEADLINE, null));
    if (!s.prepared().isEmpty()) {
      telling.add(new ForceDecision(s.prepared(), rides(s)));
      return new Transition<>(s.deciding(), telling.effects());
    }
    ActiveRows.nothingToCommit(telling);
    return CommittingRows.finish(s.committing(telling.deliveries()), telling);
  }

  /** Not if it had nothing to commit when it was asked: its end is written by now. */
  private static boolean rides(Asking s) {
    for (BranchVote branch : s.prepared()) {
      if (branch.branch().equals(s.riding())) {
        return true;
      }
    }
    return false;
  }

  private static Transition<CoordinatorState, CoordinatorEffect> no(
      Asking s, @Nullable ParticipantKey undoesItself, BranchVote branch, String reason) {
    Blame blame = new Blame(branch.branch(), branch.service(), reason);
    return abort(s, undoesItself, Failure.ABORTED, blame);
  }

  /**
   * At once: what has prepared, and what may be at it, is told.
   *
   * @param undoesItself who said no, and is not told
   * @param failure what the client is told; null if it has gone
   */
  private static Transition<CoordinatorState, CoordinatorEffect> abort(
      Asking s,
      @Nullable ParticipantKey undoesItself,
      @Nullable Failure failure,
      @Nullable Blame blame) {
    Telling telling = telling(s).add(new CancelTimer(TimerKind.DEADLINE, null));
    telling.tell(s.prepared(), Outcome.ABORT, false);
    List<BranchVote> asked =
        undoesItself == null
            ? s.questions().branches()
            : s.questions().without(undoesItself).branches();
    telling.tell(asked, Outcome.ABORT, false);
    if (failure != null) {
      telling.answerFailure(failure, blame, "");
    }
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries(), blame), telling);
  }
}
