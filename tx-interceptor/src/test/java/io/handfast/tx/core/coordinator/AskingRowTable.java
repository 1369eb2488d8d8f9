package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.TX;
import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.decided;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.vote;
import static io.handfast.tx.core.coordinator.CoordinatorRowsTest.owed;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Acknowledged;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Began;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ClientGone;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionLost;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionRefused;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Doomed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Recovered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolvable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolved;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Active;
import io.handfast.tx.core.coordinator.CoordinatorState.Asking;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import io.handfast.tx.core.coordinator.CoordinatorState.New;
import io.handfast.tx.core.coordinator.CoordinatorState.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Rows while branches are asked to prepare, and of their answers wherever else they come. */
final class AskingRowTable {
  private static final BranchVote YES_1 = vote(1, Vote.PREPARED);
  private static final BranchVote ASK_2 = vote(2, Vote.ASK);
  private static final BranchVote STRUCK_3 = vote(3, Vote.STRUCK);
  private static final RootClosed SOME_ASK =
      new RootClosed(List.of(YES_1, ASK_2), RootAnswer.SUCCESS, false);

  private AskingRowTable() {}

  private static PrepareAnswered answer(long n, Vote vote) {
    return new PrepareAnswered(key(n), vote, "why");
  }

  private static PrepareUnanswered unanswered(long n) {
    return new PrepareUnanswered(key(n), "lost");
  }

  private static TimerFired timer(TimerKind kind) {
    return new TimerFired(kind, null);
  }

  private static TimerFired again(long n) {
    return new TimerFired(TimerKind.REDELIVER, key(n));
  }

  /** Branch 1 is prepared where that is said; the others are asked. */
  private static Asking asking(boolean one, long... asked) {
    return asking(one, Deliveries.NONE, asked);
  }

  private static Asking asking(boolean one, Deliveries deliveries, long... asked) {
    List<BranchVote> questions = new ArrayList<>();
    for (long n : asked) {
      questions.add(vote(n, Vote.ASK));
    }
    return new Asking(
        TX,
        one ? List.of(YES_1) : List.of(),
        Questions.of(questions),
        null,
        true,
        List.of(),
        Set.of(),
        deliveries,
        List.of());
  }

  static void addTo(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Active active =
        new Active(
            TX, branch(1, Durability.FORCED, true), true, Set.of(), Deliveries.NONE, List.of());
    t.row(active, SOME_ASK, Asking.class, "SendPrepare")
        .row(
            active,
            new RootClosed(List.of(vote(1, Vote.ASK), ASK_2, STRUCK_3), RootAnswer.SUCCESS, true),
            Asking.class,
            "SendOutcome",
            "SendPrepare",
            "SendPrepare");
    answers(t);
    Asking s = asking(true, 2);
    t.row(
            asking(true, owed(Outcome.ABORT, 3), 2),
            new Acknowledged(key(3), Acknowledgement.DONE, ""),
            Asking.class)
        .row(
            asking(true, owed(Outcome.ABORT, 3), 2),
            new Undelivered(key(3)),
            Asking.class,
            "StartTimer")
        .row(asking(true, owed(Outcome.ABORT, 3), 2), again(3), Asking.class, "SendOutcome")
        .row(s, again(2), Asking.class, "SendPrepare")
        .row(
            s,
            timer(TimerKind.DEADLINE),
            Aborting.class,
            "CancelTimer",
            "SendOutcome",
            "SendOutcome",
            "AnswerFailure",
            "StartTimer")
        .row(
            s,
            new ClientGone(),
            Aborting.class,
            "CancelTimer",
            "SendOutcome",
            "SendOutcome",
            "StartTimer")
        .dropped(s, timer(TimerKind.COMPLETION_WAIT), timer(TimerKind.ABORT_DELIVERY))
        .never(
            s,
            new Began(branch(1, Durability.FORCED, true), true),
            new Recovered(List.of()),
            new Struck(List.of(STRUCK_3)),
            new Doomed(List.of(), new Blame(branch(2), "svc-2", "no")),
            SOME_ASK,
            new DecisionDurable(),
            new DecisionRefused("full"),
            new DecisionFailed("disk"),
            new DecisionLost("late"),
            new Unresolved("no answer"),
            new Unresolvable("gone"));
    elsewhere(t);
  }

  private static void answers(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Asking s = asking(true, 2);
    t.row(s, answer(2, Vote.PREPARED), Deciding.class, "CancelTimer", "ForceDecision")
        .row(s, answer(2, Vote.READ_ONLY), Deciding.class, "CancelTimer", "ForceDecision")
        .row(
            asking(false, 2),
            answer(2, Vote.READ_ONLY),
            Ended.class,
            "CancelTimer",
            "ReleaseResponse",
            "Forget")
        .row(
            asking(false, owed(Outcome.ABORT, 3), 2),
            answer(2, Vote.READ_ONLY),
            Committing.class,
            "CancelTimer",
            "ReleaseResponse",
            "StartTimer")
        .row(asking(true, 2, 4), answer(2, Vote.PREPARED), Asking.class)
        .row(
            asking(true, 2, 4),
            answer(2, Vote.ABORT),
            Aborting.class,
            "CancelTimer",
            "SendOutcome",
            "SendOutcome",
            "AnswerFailure",
            "StartTimer")
        .row(
            s,
            answer(1, Vote.ABORT),
            Aborting.class,
            "CancelTimer",
            "SendOutcome",
            "SendOutcome",
            "AnswerFailure",
            "StartTimer")
        .row(
            s,
            unanswered(2),
            Aborting.class,
            "CancelTimer",
            "SendOutcome",
            "SendOutcome",
            "AnswerFailure",
            "StartTimer")
        .row(s, answer(2, Vote.ASK), Asking.class, "StartTimer")
        .dropped(s, answer(1, Vote.PREPARED), answer(9, Vote.ABORT), unanswered(1))
        .never(s, answer(2, Vote.STRUCK), answer(1, Vote.STRUCK));
  }

  private static void elsewhere(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Active active =
        new Active(
            TX, branch(1, Durability.FORCED, true), true, Set.of(), Deliveries.NONE, List.of());
    t.never(new New(TX), answer(2, Vote.PREPARED), unanswered(2))
        .never(active, answer(2, Vote.PREPARED), unanswered(2));
    Deciding deciding =
        new Deciding(TX, List.of(YES_1), true, false, Set.of(), Deliveries.NONE, List.of());
    for (CoordinatorState state :
        List.of(
            deciding,
            deciding.inDoubt("disk"),
            deciding.committing(Set.of(decided(1)), owed(Outcome.COMMIT, 1), true),
            new Aborting(TX, owed(Outcome.ABORT, 2), true, null, List.of()),
            new Ended(TX, Result.ABORTED, Set.of(), List.of()))) {
      t.dropped(state, answer(2, Vote.PREPARED), answer(2, Vote.ABORT), unanswered(2));
    }
  }
}
