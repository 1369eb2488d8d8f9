package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.TX;
import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.decided;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.onePhase;
import static io.handfast.tx.core.Samples.vote;
import static io.handfast.tx.core.coordinator.CoordinatorRowsTest.owed;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Blame;
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
import io.handfast.tx.core.coordinator.CoordinatorEvent.DelegationAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DelegationUnanswered;
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
import io.handfast.tx.core.coordinator.CoordinatorState.Delegating;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import io.handfast.tx.core.coordinator.CoordinatorState.New;
import io.handfast.tx.core.coordinator.CoordinatorState.Result;
import java.util.List;
import java.util.Set;

/** Rows while the decision is a branch's, and of its answers wherever else they come. */
final class DelegatingRowTable {
  private static final BranchVote ASK_2 = vote(2, Vote.ASK);
  private static final Active ACTIVE =
      new Active(TX, onePhase(1, false, true), true, Set.of(), Deliveries.NONE, List.of());

  private DelegatingRowTable() {}

  private static DelegationAnswered answer(Answer answer) {
    return new DelegationAnswered(key(2), answer, "why");
  }

  private static TimerFired timer(TimerKind kind) {
    return new TimerFired(kind, null);
  }

  private static TimerFired again(long n) {
    return new TimerFired(TimerKind.REDELIVER, key(n));
  }

  private static RootClosed closed(BranchVote... votes) {
    return new RootClosed(List.of(votes), RootAnswer.SUCCESS, false);
  }

  private static Delegating delegating(boolean responded, long... struck) {
    return new Delegating(
        TX, ASK_2, 1, responded, "lost", Set.of(), owed(Outcome.ABORT, struck), List.of());
  }

  static void addTo(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    DelegationUnanswered lost = new DelegationUnanswered(key(2), "reset");
    Delegating s = delegating(false);
    t.row(ACTIVE, closed(vote(1, Vote.READ_ONLY), ASK_2), Delegating.class, "SendDelegation")
        .row(ACTIVE, closed(vote(1, Vote.ASK), ASK_2), Asking.class, "SendPrepare", "SendPrepare")
        .row(ACTIVE, closed(vote(1, Vote.PREPARED), ASK_2), Asking.class, "SendPrepare")
        .row(s, answer(Answer.COMMITTED), Ended.class, "CancelTimer", "ReleaseResponse", "Forget")
        .row(delegating(true), answer(Answer.COMMITTED), Ended.class, "CancelTimer", "Forget")
        .row(
            delegating(false, 3),
            answer(Answer.COMMITTED),
            Committing.class,
            "CancelTimer",
            "ReleaseResponse",
            "StartTimer")
        .row(
            s,
            answer(Answer.ABORTED),
            Ended.class,
            "CancelTimer",
            "AnswerFailure",
            "StartTimer",
            "Forget")
        .row(s, answer(Answer.PENDING), Delegating.class, "StartTimer")
        .row(s, answer(Answer.NOT_MINE), Ended.class, "CancelTimer", "AnswerFailure", "Forget")
        .row(s, lost, Delegating.class, "StartTimer")
        .row(s, again(2), Delegating.class, "SendDelegation")
        .row(delegating(false, 3), again(3), Delegating.class, "SendOutcome")
        .row(
            delegating(false, 3),
            new Acknowledged(key(3), Acknowledgement.DONE, ""),
            Delegating.class)
        .row(delegating(false, 3), new Undelivered(key(3)), Delegating.class, "StartTimer")
        .row(s, timer(TimerKind.DEADLINE), Delegating.class, "AnswerFailure", "StartTimer")
        .row(delegating(true), timer(TimerKind.DEADLINE), Delegating.class, "StartTimer")
        .row(
            delegating(true), timer(TimerKind.ABORT_DELIVERY), Ended.class, "CancelTimer", "Forget")
        .row(s, new ClientGone(), Delegating.class)
        .dropped(
            s,
            timer(TimerKind.COMPLETION_WAIT),
            timer(TimerKind.RESOLVE),
            new PrepareAnswered(key(2), Vote.PREPARED, ""),
            new PrepareUnanswered(key(2), "lost"))
        .never(
            s,
            new Began(onePhase(1, false, true), true),
            new Recovered(List.of()),
            new Struck(List.of()),
            new Doomed(List.of(), new Blame(branch(2), "svc-2", "no")),
            closed(ASK_2),
            new DecisionDurable(),
            new DecisionRefused("full"),
            new DecisionFailed("disk"),
            new DecisionLost("late"),
            new Unresolved("no answer"),
            new Unresolvable("gone"));
    t.never(new New(TX), answer(Answer.COMMITTED), lost)
        .never(ACTIVE, answer(Answer.COMMITTED), lost);
    Deciding deciding =
        new Deciding(TX, List.of(ASK_2), true, false, Set.of(), Deliveries.NONE, List.of());
    for (CoordinatorState state :
        List.of(
            ACTIVE.asking(List.of(), Questions.of(List.of(ASK_2)), null, Set.of(), Deliveries.NONE),
            deciding,
            deciding.inDoubt("disk"),
            deciding.committing(Set.of(decided(1)), owed(Outcome.COMMIT, 1), true),
            new Aborting(TX, owed(Outcome.ABORT, 2), true, null, List.of()),
            new Ended(TX, Result.ABORTED, Set.of(), List.of()))) {
      t.dropped(state, answer(Answer.COMMITTED), answer(Answer.ABORTED), lost);
    }
  }
}
