package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.TX;
import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.decided;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.threePhase;
import static io.handfast.tx.core.Samples.vote;
import static io.handfast.tx.core.coordinator.CoordinatorRowsTest.owed;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.Standing;
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
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Active;
import io.handfast.tx.core.coordinator.CoordinatorState.Asking;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import io.handfast.tx.core.coordinator.CoordinatorState.Delegating;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import io.handfast.tx.core.coordinator.CoordinatorState.New;
import io.handfast.tx.core.coordinator.CoordinatorState.Result;
import io.handfast.tx.core.coordinator.PreCommitting.Stage;
import java.util.List;
import java.util.Set;

/** Rows from the moment at which all have promised, and of a coordinator that comes back to it. */
final class ThreePhaseRowTable {
  private static final BranchVote ASK_1 = vote(1, Vote.ASK);
  private static final BranchVote ASK_2 = vote(2, Vote.ASK);
  private static final List<BranchVote> YES =
      List.of(vote(1, Vote.PREPARED), vote(2, Vote.PREPARED));
  private static final Active ACTIVE =
      new Active(TX, threePhase(1, true), true, Set.of(), Deliveries.NONE, List.of());
  private static final RecoveredPreCommit RECOVERED = new RecoveredPreCommit(YES);
  private static final PreCommitDurable DURABLE = new PreCommitDurable();
  private static final PreCommitFailed FAILED = new PreCommitFailed("disk");
  private static final MemberUnanswered SILENT = new MemberUnanswered(key(2));

  private ThreePhaseRowTable() {}

  private static MemberAnswered says(long n, Standing standing) {
    return new MemberAnswered(key(n), standing);
  }

  private static TimerFired timer(TimerKind kind) {
    return new TimerFired(kind, null);
  }

  private static TimerFired again(long n) {
    return new TimerFired(TimerKind.REDELIVER, key(n));
  }

  private static Asking asking() {
    return ACTIVE.asking(
        List.of(vote(1, Vote.PREPARED)),
        Questions.of(List.of(ASK_2)),
        null,
        Set.of(),
        Deliveries.NONE);
  }

  /** Those of {@code open} have not said that they have pre-committed. */
  private static PreCommitting at(Stage stage, boolean expired, long... open) {
    List<BranchVote> asked =
        java.util.Arrays.stream(open).mapToObj(n -> vote(n, Vote.ASK)).toList();
    return new PreCommitting(
        TX,
        stage,
        YES,
        Questions.of(asked),
        Set.of(),
        expired,
        true,
        false,
        Set.of(),
        owed(Outcome.ABORT, 3),
        List.of());
  }

  static void addTo(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    t.row(
            ACTIVE,
            new RootClosed(List.of(ASK_1, ASK_2), RootAnswer.SUCCESS, true),
            Asking.class,
            "SendCanCommit",
            "SendCanCommit")
        .row(
            ACTIVE,
            new RootClosed(List.of(ASK_1, vote(2, Vote.PREPARED)), RootAnswer.SUCCESS, true),
            Aborting.class,
            "CancelTimer",
            "SendOutcome",
            "SendOutcome",
            "AnswerFailure",
            "StartTimer")
        .row(asking(), again(2), Asking.class, "SendCanCommit")
        .row(
            asking(),
            new PrepareAnswered(key(2), Vote.PREPARED, ""),
            PreCommitting.class,
            "ForcePreCommit")
        .row(new New(TX), RECOVERED, Settling.class, "AskStanding", "AskStanding");
    recording(t);
    telling(t);
    ofSettling(t);
    elsewhere(t);
  }

  private static void recording(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    PreCommitting s = at(Stage.RECORDING, false, 1, 2);
    String[] aborts = {"CancelTimer", "SendOutcome", "SendOutcome", "AnswerFailure", "StartTimer"};
    t.row(s, DURABLE, PreCommitting.class, "AskStanding", "AskStanding")
        .row(s, FAILED, Aborting.class, aborts)
        .row(s, timer(TimerKind.DEADLINE), Aborting.class, aborts)
        .row(s, new ClientGone(), PreCommitting.class)
        .row(s, new Acknowledged(key(3), Acknowledgement.DONE, ""), PreCommitting.class)
        .row(s, new Undelivered(key(3)), PreCommitting.class, "StartTimer")
        .row(s, again(3), PreCommitting.class, "SendOutcome")
        .dropped(
            s,
            again(1),
            says(1, Standing.PRE_COMMITTED),
            SILENT,
            timer(TimerKind.COMPLETION_WAIT),
            timer(TimerKind.RESOLVE),
            timer(TimerKind.ABORT_DELIVERY),
            new PrepareAnswered(key(2), Vote.PREPARED, ""),
            new PrepareUnanswered(key(2), "lost"),
            new DelegationAnswered(key(2), Answer.COMMITTED, ""),
            new DelegationUnanswered(key(2), "lost"))
        .never(
            s,
            new Began(threePhase(1, true), true),
            new Recovered(YES),
            RECOVERED,
            new Struck(List.of()),
            new Doomed(List.of(), new Blame(branch(2), "svc-2", "no")),
            new RootClosed(YES, RootAnswer.SUCCESS, false),
            new DecisionLost("late"),
            new Unresolved("no answer"),
            new Unresolvable("gone"));
  }

  private static void telling(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    PreCommitting s = at(Stage.TELLING, false, 2);
    String[] commits = {"CancelTimer", "SendOutcome", "SendOutcome", "StartTimer", "StartTimer"};
    t.row(s, says(2, Standing.PRE_COMMITTED), PreCommitting.class, "CancelTimer", "ForceDecision")
        .row(s, says(2, Standing.READY), PreCommitting.class, "StartTimer")
        .row(s, says(2, Standing.COMMITTED), Committing.class, commits)
        .row(
            s,
            says(2, Standing.ABORTED),
            Aborting.class,
            "WriteEnded",
            "CancelTimer",
            "SendOutcome",
            "SendOutcome",
            "AnswerFailure",
            "StartTimer")
        .dropped(s, says(1, Standing.PRE_COMMITTED))
        .row(s, SILENT, PreCommitting.class, "StartTimer")
        .row(s, again(2), PreCommitting.class, "AskStanding")
        .row(s, timer(TimerKind.DEADLINE), PreCommitting.class)
        .row(s, says(2, Standing.AWAY_READY), PreCommitting.class, "StartTimer")
        .row(s, says(2, Standing.UNKNOWN), PreCommitting.class, "StartTimer")
        .row(
            at(Stage.TELLING, true, 2),
            says(2, Standing.AWAY_READY),
            PreCommitting.class,
            "CancelTimer",
            "ForceDecision")
        .row(
            at(Stage.TELLING, true, 2),
            says(2, Standing.UNKNOWN),
            PreCommitting.class,
            "CancelTimer",
            "ForceDecision")
        .row(at(Stage.TELLING, true, 2), says(2, Standing.READY), PreCommitting.class, "StartTimer")
        .row(
            at(Stage.TELLING, true, 2), SILENT, PreCommitting.class, "CancelTimer", "ForceDecision")
        .row(at(Stage.TELLING, true, 1, 2), SILENT, PreCommitting.class, "StartTimer")
        .row(
            at(Stage.TELLING, true, 1, 2),
            again(2),
            PreCommitting.class,
            "AskStanding",
            "AnswerFailure");
    PreCommitting deciding = at(Stage.DECIDING, false);
    t.row(deciding, new DecisionDurable(), Committing.class, commits)
        .row(deciding, new DecisionRefused("full"), Committing.class, commits)
        .row(deciding, new DecisionFailed("disk"), Committing.class, commits)
        .dropped(deciding, timer(TimerKind.DEADLINE), SILENT);
  }

  private static void ofSettling(
      RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Settling s = new Settling(TX, YES, 1);
    t.row(s, says(1, Standing.COMMITTED), Committing.class, "SendOutcome", "SendOutcome")
        .row(
            s,
            says(1, Standing.ABORTED),
            Aborting.class,
            "SendOutcome",
            "SendOutcome",
            "WriteEnded",
            "StartTimer")
        .row(s, says(1, Standing.AWAY_PRE_COMMITTED), Settling.class, "StartTimer")
        .row(s, SILENT, Settling.class, "StartTimer")
        .row(s, again(2), Settling.class, "AskStanding")
        .dropped(
            s,
            again(9),
            timer(TimerKind.DEADLINE),
            new Acknowledged(key(1), Acknowledgement.DONE, ""),
            new Undelivered(key(1)))
        .never(
            s,
            new Began(threePhase(1, true), true),
            new Recovered(YES),
            RECOVERED,
            DURABLE,
            FAILED,
            new Struck(List.of()),
            new Doomed(List.of(), new Blame(branch(2), "svc-2", "no")),
            new RootClosed(YES, RootAnswer.SUCCESS, false),
            new PrepareAnswered(key(2), Vote.PREPARED, ""),
            new PrepareUnanswered(key(2), "lost"),
            new DelegationAnswered(key(2), Answer.COMMITTED, ""),
            new DelegationUnanswered(key(2), "lost"),
            new DecisionDurable(),
            new DecisionRefused("full"),
            new DecisionFailed("disk"),
            new DecisionLost("late"),
            new Unresolved("no answer"),
            new Unresolvable("gone"),
            new ClientGone());
  }

  private static void elsewhere(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Deciding deciding = new Deciding(TX, YES, true, false, Set.of(), Deliveries.NONE, List.of());
    t.never(new New(TX), DURABLE, FAILED, says(1, Standing.READY), SILENT);
    for (CoordinatorState state :
        List.of(
            ACTIVE,
            asking(),
            new Delegating(TX, ASK_2, 1, false, "", Set.of(), Deliveries.NONE, List.of()),
            deciding,
            deciding.inDoubt("disk"))) {
      t.never(state, RECOVERED, DURABLE, FAILED)
          .dropped(state, says(1, Standing.READY), says(1, Standing.PRE_COMMITTED), SILENT);
    }
    Aborting aborting = new Aborting(TX, owed(Outcome.ABORT, 2), true, null, List.of());
    t.row(aborting, DURABLE, Aborting.class, "WriteEnded");
    for (CoordinatorState state :
        List.of(
            deciding.committing(Set.of(decided(1)), owed(Outcome.COMMIT, 1), true),
            aborting,
            new Ended(TX, Result.ABORTED, Set.of(), List.of()))) {
      t.dropped(state, FAILED, says(1, Standing.COMMITTED), SILENT).never(state, RECOVERED);
    }
    t.row(new Ended(TX, Result.ABORTED, Set.of(), List.of()), DURABLE, Ended.class, "WriteEnded")
        .dropped(deciding.committing(Set.of(decided(1)), owed(Outcome.COMMIT, 1), true), DURABLE);
  }
}
