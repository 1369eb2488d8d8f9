package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorCore.illegal;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AskStanding;
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
import io.handfast.tx.core.coordinator.CoordinatorEvent.ThreePhase;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolvable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolved;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import io.handfast.tx.core.coordinator.CoordinatorState.New;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of a coordinator that comes back to a THREE_PHASE transaction, and of what comes late. */
final class SettlingRows {
  private SettlingRows() {}

  static Transition<CoordinatorState, CoordinatorEffect> recover(New s, List<BranchVote> branches) {
    Settling next = s.settling(branches);
    Telling telling = new Telling(Deliveries.NONE, List.of());
    branches.forEach(branch -> telling.add(new AskStanding(branch, false, 1)));
    return new Transition<>(next, telling.effects());
  }

  static Transition<CoordinatorState, CoordinatorEffect> ofSettling(
      Settling s, CoordinatorEvent event) {
    return switch (event) {
      case MemberAnswered e ->
          switch (e.standing()) {
            case COMMITTED -> committed(s);
            case ABORTED -> aborted(s);
            case PRE_COMMITTED, READY, AWAY_PRE_COMMITTED, AWAY_READY, OUT, UNKNOWN ->
                later(s, e.participant());
          };
      case MemberUnanswered e -> later(s, e.participant());
      // Of the boundary's own branch, which says so whoever told it.
      case Acknowledged _, Undelivered _ -> Transition.to(s);
      case TimerFired e ->
          switch (e.kind()) {
            case REDELIVER -> again(s, e.participant());
            case DEADLINE, COMPLETION_WAIT, RESOLVE, ABORT_DELIVERY -> Transition.to(s);
          };
      case Began _,
          Recovered _,
          RecoveredPreCommit _,
          PreCommitDurable _,
          PreCommitFailed _,
          Struck _,
          Doomed _,
          RootClosed _,
          PrepareAnswered _,
          PrepareUnanswered _,
          DelegationAnswered _,
          DelegationUnanswered _,
          DecisionDurable _,
          DecisionRefused _,
          DecisionFailed _,
          DecisionLost _,
          Unresolved _,
          Unresolvable _,
          ClientGone _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> later(
      Settling s, ParticipantKey participant) {
    return Transition.to(s, new StartTimer(TimerKind.REDELIVER, participant, s.attempt()));
  }

  private static Transition<CoordinatorState, CoordinatorEffect> again(
      Settling s, @Nullable ParticipantKey participant) {
    for (BranchVote branch : s.prepared()) {
      if (participant != null && participant.equals(branch.key())) {
        return Transition.to(s.again(), new AskStanding(branch, false, s.attempt() + 1));
      }
    }
    return Transition.to(s);
  }

  /** Who says so keeps it; the record that all had promised stays until all have acknowledged. */
  private static Transition<CoordinatorState, CoordinatorEffect> committed(Settling s) {
    Telling telling =
        new Telling(Deliveries.NONE, List.of()).tell(s.prepared(), Outcome.COMMIT, false);
    return CommittingRows.finish(
        s.committing(DecidingRows.decided(s.prepared()), telling.deliveries()), telling);
  }

  private static Transition<CoordinatorState, CoordinatorEffect> aborted(Settling s) {
    Telling telling =
        new Telling(Deliveries.NONE, List.of()).tell(s.prepared(), Outcome.ABORT, false);
    telling.add(new WriteEnded(false));
    telling.add(new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    return AbortingRows.finish(s.aborting(telling.deliveries()), telling);
  }

  /** Answers to a question from before the outcome was known, and writes that were under way. */
  static Transition<CoordinatorState, CoordinatorEffect> late(
      CoordinatorState s, ThreePhase event) {
    return switch (event) {
      case MemberAnswered _, MemberUnanswered _ -> Transition.to(s);
      // It was given up at the deadline, before anybody was told.
      case PreCommitDurable _ ->
          s instanceof Aborting || s instanceof Ended
              ? Transition.to(s, new WriteEnded(false))
              : Transition.to(s);
      case PreCommitFailed _ -> Transition.to(s);
      case RecoveredPreCommit _ -> throw illegal(s, event);
    };
  }
}
