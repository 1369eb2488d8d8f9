package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.TX;
import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.decided;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.vote;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.RowTable.Row;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Acknowledged;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Began;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ClientGone;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionLost;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionRefused;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Doomed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Recovered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolvable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolved;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Active;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import io.handfast.tx.core.coordinator.CoordinatorState.InDoubt;
import io.handfast.tx.core.coordinator.CoordinatorState.New;
import io.handfast.tx.core.coordinator.CoordinatorState.Result;
import io.handfast.tx.core.coordinator.Deliveries.Delivery;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every (state, event) row of the coordinator: what it does, or that it cannot happen. */
class CoordinatorRowsTest {
  private static final Branch ROOT = branch(1, Durability.FORCED, true);
  private static final BranchVote YES_1 = vote(1, Vote.PREPARED);
  private static final BranchVote YES_2 = vote(2, Vote.PREPARED);
  private static final BranchVote STRUCK_3 = vote(3, Vote.STRUCK);

  private static final Began BEGAN = new Began(ROOT, true);
  private static final Recovered RECOVERED = new Recovered(List.of(YES_1, YES_2));
  private static final Struck STRUCK = new Struck(List.of(STRUCK_3));
  private static final Doomed DOOMED =
      new Doomed(
          List.of(vote(1, Vote.ABORT), YES_2, STRUCK_3), new Blame(branch(3), "svc-3", "no money"));
  private static final RootClosed ALL_YES = closed(RootAnswer.SUCCESS, YES_1, YES_2);
  private static final RootClosed ONE_NO = closed(RootAnswer.SUCCESS, vote(1, Vote.ABORT), YES_2);
  private static final RootClosed OWN_ERROR = closed(RootAnswer.ERROR, vote(1, Vote.ABORT), YES_2);
  private static final RootClosed NOTHING = closed(RootAnswer.SUCCESS, vote(1, Vote.READ_ONLY));
  private static final RootClosed NOTHING_BUT_STRUCK =
      closed(RootAnswer.SUCCESS, vote(1, Vote.READ_ONLY), STRUCK_3);
  private static final DecisionDurable DURABLE = new DecisionDurable();
  private static final DecisionFailed FAILED = new DecisionFailed("disk full");
  private static final DecisionRefused REFUSED = new DecisionRefused("disk full");
  private static final DecisionFailed RESOLVABLE = new DecisionFailed("timed out", true);
  private static final DecisionLost LOST = new DecisionLost("ABORT stands");
  private static final Unresolved UNRESOLVED = new Unresolved("timed out");
  private static final Unresolvable UNRESOLVABLE = new Unresolvable("incarnation gone");
  private static final TimerFired RESOLVE = new TimerFired(TimerKind.RESOLVE, null);
  private static final ClientGone GONE = new ClientGone();
  private static final TimerFired DEADLINE = new TimerFired(TimerKind.DEADLINE, null);
  private static final TimerFired COMPLETION_WAIT = new TimerFired(TimerKind.COMPLETION_WAIT, null);
  private static final TimerFired ABORT_DELIVERY = new TimerFired(TimerKind.ABORT_DELIVERY, null);

  private static RootClosed closed(RootAnswer answer, BranchVote... votes) {
    return new RootClosed(List.of(votes), answer, false);
  }

  private static Acknowledged ack(long n, Acknowledgement acknowledgement) {
    return new Acknowledged(key(n), acknowledgement, "why");
  }

  private static Undelivered undelivered(long n) {
    return new Undelivered(key(n));
  }

  private static TimerFired redeliver(long n) {
    return new TimerFired(TimerKind.REDELIVER, key(n));
  }

  static Deliveries owed(Outcome outcome, long... branches) {
    Map<ParticipantKey, Delivery> owed = new LinkedHashMap<>();
    for (long n : branches) {
      owed.put(key(n), new Delivery(vote(n, Vote.PREPARED), outcome, 1));
    }
    return new Deliveries(owed);
  }

  private static Active active(long... aborting) {
    return new Active(TX, ROOT, true, Set.of(), owed(Outcome.ABORT, aborting), List.of());
  }

  private static Deciding deciding(boolean completionWait, boolean responded, long... aborting) {
    return new Deciding(
        TX,
        List.of(YES_1, YES_2),
        completionWait,
        responded,
        Set.of(),
        owed(Outcome.ABORT, aborting),
        List.of());
  }

  private static InDoubt inDoubt(long... aborting) {
    return deciding(true, true, aborting).inDoubt("disk full");
  }

  private static Committing committing(boolean responded, long... owed) {
    return new Committing(
        TX, Set.of(decided(1), decided(2)), owed(Outcome.COMMIT, owed), true, responded, List.of());
  }

  private static Committing committingOwesAbort(boolean recorded, long... owed) {
    return new Committing(TX, Set.of(), owed(Outcome.ABORT, owed), recorded, true, List.of());
  }

  private static Aborting aborting(boolean responded, long... owed) {
    return new Aborting(TX, owed(Outcome.ABORT, owed), responded, null, List.of());
  }

  private static RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> table() {
    RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> table =
        new RowTable<>(CoordinatorCore::step);
    ofNew(table);
    ofActive(table);
    AskingRowTable.addTo(table);
    DelegatingRowTable.addTo(table);
    ThreePhaseRowTable.addTo(table);
    ofDeciding(table);
    ofInDoubt(table);
    ofCommitting(table);
    ofAborting(table);
    ofEnded(table);
    return table;
  }

  private static void ofNew(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    New s = new New(TX);
    t.row(s, BEGAN, Active.class, "StartTimer")
        .row(s, RECOVERED, Committing.class, "SendOutcome", "SendOutcome")
        .row(s, new Recovered(List.of()), Ended.class, "WriteEnded", "Forget")
        .never(
            s,
            STRUCK,
            DOOMED,
            ALL_YES,
            DURABLE,
            REFUSED,
            FAILED,
            LOST,
            UNRESOLVED,
            UNRESOLVABLE,
            ack(2, Acknowledgement.DONE),
            undelivered(2),
            GONE,
            DEADLINE);
  }

  private static void ofActive(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Active s = active();
    t.row(s, STRUCK, Active.class, "SendOutcome")
        .dropped(active(3), STRUCK)
        .row(s, new Struck(List.of(BranchVote.struckUnknown(branch(9), "lost"))), Active.class)
        .row(s, DOOMED, Aborting.class, "SendOutcome", "SendOutcome", "StartTimer")
        .row(s, ALL_YES, Deciding.class, "CancelTimer", "ForceDecision")
        .row(
            s,
            closed(RootAnswer.SUCCESS, YES_1, STRUCK_3),
            Deciding.class,
            "SendOutcome",
            "CancelTimer",
            "ForceDecision")
        .row(s, NOTHING, Ended.class, "CancelTimer", "ReleaseResponse", "Forget")
        .row(
            s,
            NOTHING_BUT_STRUCK,
            Committing.class,
            "SendOutcome",
            "CancelTimer",
            "ReleaseResponse",
            "StartTimer")
        .row(s, ONE_NO, Aborting.class, "CancelTimer", "SendOutcome", "AnswerFailure", "StartTimer")
        .row(
            s,
            OWN_ERROR,
            Aborting.class,
            "CancelTimer",
            "SendOutcome",
            "AnswerFailure",
            "StartTimer")
        .row(
            s,
            closed(RootAnswer.LOST, vote(1, Vote.ABORT)),
            Ended.class,
            "CancelTimer",
            "AnswerFailure",
            "StartTimer",
            "Forget")
        .row(
            s,
            closed(RootAnswer.NOT_SENT, vote(1, Vote.ABORT)),
            Ended.class,
            "CancelTimer",
            "AnswerFailure",
            "StartTimer",
            "Forget")
        .row(s, GONE, Aborting.class, "CancelTimer", "SendOutcome", "StartTimer")
        .row(
            s,
            DEADLINE,
            Aborting.class,
            "AnswerFailure",
            "CancelTimer",
            "SendOutcome",
            "StartTimer")
        .dropped(
            s,
            COMPLETION_WAIT,
            ABORT_DELIVERY,
            redeliver(3),
            undelivered(3),
            ack(3, Acknowledgement.DONE))
        .row(active(3), redeliver(3), Active.class, "SendOutcome")
        .row(active(3), undelivered(3), Active.class, "StartTimer")
        .row(active(3), ack(3, Acknowledgement.WORKING), Active.class, "StartTimer")
        .row(active(3), ack(3, Acknowledgement.DONE), Active.class)
        .row(active(3), ack(3, Acknowledgement.ANOTHER_STORE), Active.class)
        .row(active(3), ack(3, Acknowledgement.HAZARD), Active.class, "ReportHazard")
        .never(s, BEGAN, RECOVERED, DURABLE, REFUSED, FAILED, LOST, UNRESOLVED, UNRESOLVABLE);
  }

  private static void ofDeciding(
      RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Deciding s = deciding(true, false);
    t.row(s, DURABLE, Committing.class, "SendOutcome", "SendOutcome", "StartTimer")
        .row(
            deciding(false, false),
            DURABLE,
            Committing.class,
            "ReleaseResponse",
            "SendOutcome",
            "SendOutcome")
        .row(deciding(true, true), DURABLE, Committing.class, "SendOutcome", "SendOutcome")
        .row(
            deciding(true, false, 3),
            DURABLE,
            Committing.class,
            "SendOutcome",
            "SendOutcome",
            "StartTimer",
            "StartTimer")
        .row(s, FAILED, InDoubt.class, "AnswerFailure")
        .row(s, RESOLVABLE, InDoubt.class, "AnswerFailure", "Resolve")
        .row(deciding(true, true), RESOLVABLE, InDoubt.class, "Resolve")
        .row(s, LOST, Aborting.class, "SendOutcome", "SendOutcome", "AnswerFailure", "StartTimer")
        .row(deciding(true, true), LOST, Aborting.class, "SendOutcome", "SendOutcome", "StartTimer")
        .row(deciding(true, true), FAILED, InDoubt.class)
        .row(
            s, REFUSED, Aborting.class, "SendOutcome", "SendOutcome", "AnswerFailure", "StartTimer")
        .row(
            deciding(true, true),
            REFUSED,
            Aborting.class,
            "SendOutcome",
            "SendOutcome",
            "StartTimer")
        .row(s, GONE, Deciding.class)
        .dropped(
            s,
            DEADLINE,
            COMPLETION_WAIT,
            ABORT_DELIVERY,
            RESOLVE,
            redeliver(3),
            undelivered(3),
            ack(3, Acknowledgement.DONE))
        .row(deciding(true, false, 3), redeliver(3), Deciding.class, "SendOutcome")
        .row(deciding(true, false, 3), undelivered(3), Deciding.class, "StartTimer")
        .row(deciding(true, false, 3), ack(3, Acknowledgement.DONE), Deciding.class)
        .never(s, BEGAN, RECOVERED, STRUCK, DOOMED, ALL_YES, UNRESOLVED, UNRESOLVABLE);
  }

  private static void ofInDoubt(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    InDoubt s = inDoubt();
    InDoubt owes = inDoubt(3);
    t.dropped(
            s,
            ack(3, Acknowledgement.DONE),
            undelivered(3),
            GONE,
            DEADLINE,
            COMPLETION_WAIT,
            ABORT_DELIVERY,
            redeliver(3))
        .row(owes, redeliver(3), InDoubt.class, "SendOutcome")
        .row(owes, undelivered(3), InDoubt.class, "StartTimer")
        .row(owes, ack(3, Acknowledgement.DONE), InDoubt.class)
        .row(s, DURABLE, Committing.class, "SendOutcome", "SendOutcome")
        .row(owes, DURABLE, Committing.class, "SendOutcome", "SendOutcome", "StartTimer")
        .row(s, LOST, Aborting.class, "SendOutcome", "SendOutcome", "StartTimer")
        .row(s, UNRESOLVED, InDoubt.class, "StartTimer")
        .row(s, RESOLVE, InDoubt.class, "Resolve")
        .row(s, UNRESOLVABLE, Ended.class, "Forget")
        .never(s, BEGAN, RECOVERED, STRUCK, DOOMED, ALL_YES, REFUSED, FAILED);
  }

  private static void ofCommitting(
      RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Committing s = committing(false, 1, 2);
    Committing last = committing(false, 2);
    Committing lateLast = committing(true, 2);
    t.row(s, ack(1, Acknowledgement.DONE), Committing.class)
        .row(
            last,
            ack(2, Acknowledgement.DONE),
            Ended.class,
            "CancelTimer",
            "ReleaseResponse",
            "WriteEnded",
            "Forget")
        .row(lateLast, ack(2, Acknowledgement.DONE), Ended.class, "WriteEnded", "Forget")
        .row(committingOwesAbort(false, 3), ack(3, Acknowledgement.DONE), Ended.class, "Forget")
        .row(s, ack(1, Acknowledgement.WORKING), Committing.class, "StartTimer")
        .row(
            s,
            ack(1, Acknowledgement.HAZARD),
            Committing.class,
            "ReportHazard",
            "CancelTimer",
            "AnswerFailure")
        .row(
            lateLast,
            ack(2, Acknowledgement.HAZARD),
            Ended.class,
            "ReportHazard",
            "WriteEnded",
            "Forget")
        .row(
            s,
            ack(1, Acknowledgement.ANOTHER_STORE),
            Committing.class,
            "StartTimer",
            "ReportHazard",
            "CancelTimer",
            "AnswerFailure")
        .row(
            committingOwesAbort(true, 3),
            ack(3, Acknowledgement.ANOTHER_STORE),
            Ended.class,
            "WriteEnded",
            "Forget")
        .dropped(
            s, ack(9, Acknowledgement.DONE), undelivered(9), redeliver(9), DEADLINE, ABORT_DELIVERY)
        .row(s, undelivered(1), Committing.class, "StartTimer")
        .row(s, redeliver(1), Committing.class, "SendOutcome")
        .row(s, COMPLETION_WAIT, Committing.class, "ReleaseResponse")
        .dropped(lateLast, COMPLETION_WAIT)
        .row(committingOwesAbort(true, 3), ABORT_DELIVERY, Ended.class, "WriteEnded", "Forget")
        .row(s, GONE, Committing.class)
        .never(
            s,
            BEGAN,
            RECOVERED,
            STRUCK,
            DOOMED,
            ALL_YES,
            DURABLE,
            REFUSED,
            FAILED,
            LOST,
            UNRESOLVED,
            UNRESOLVABLE);
  }

  private static void ofAborting(
      RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Aborting s = aborting(true, 2);
    Aborting owes = aborting(false, 2);
    t.row(s, STRUCK, Aborting.class, "SendOutcome")
        .row(s, DOOMED, Aborting.class, "SendOutcome")
        .row(s, ALL_YES, Aborting.class, "SendOutcome")
        .row(owes, ONE_NO, Aborting.class, "CancelTimer", "AnswerFailure")
        .row(owes, OWN_ERROR, Aborting.class, "CancelTimer", "AnswerFailure")
        .row(owes, closed(RootAnswer.LOST), Aborting.class, "CancelTimer", "AnswerFailure")
        .row(
            aborting(false),
            closed(RootAnswer.NOT_SENT),
            Ended.class,
            "CancelTimer",
            "AnswerFailure",
            "Forget")
        .row(s, ack(2, Acknowledgement.DONE), Ended.class, "Forget")
        .row(owes, ack(2, Acknowledgement.DONE), Aborting.class)
        .row(s, ack(2, Acknowledgement.HAZARD), Ended.class, "ReportHazard", "Forget")
        .row(s, ack(2, Acknowledgement.WORKING), Aborting.class, "StartTimer")
        .dropped(
            s,
            ack(9, Acknowledgement.DONE),
            undelivered(9),
            redeliver(9),
            COMPLETION_WAIT,
            DEADLINE,
            GONE)
        .row(s, undelivered(2), Aborting.class, "StartTimer")
        .row(s, redeliver(2), Aborting.class, "SendOutcome")
        .row(owes, GONE, Aborting.class)
        .row(aborting(false), GONE, Ended.class, "Forget")
        .row(owes, DEADLINE, Aborting.class, "AnswerFailure")
        .row(s, ABORT_DELIVERY, Ended.class, "Forget")
        .row(owes, ABORT_DELIVERY, Aborting.class)
        .never(s, BEGAN, RECOVERED, DURABLE, REFUSED, FAILED, LOST, UNRESOLVED, UNRESOLVABLE);
  }

  private static void ofEnded(RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> t) {
    Ended s = new Ended(TX, Result.ABORTED, Set.of(), List.of());
    t.dropped(
            s,
            STRUCK,
            DOOMED,
            ALL_YES,
            ack(2, Acknowledgement.DONE),
            undelivered(2),
            GONE,
            redeliver(2))
        .never(s, BEGAN, RECOVERED, DURABLE, REFUSED, FAILED, LOST, UNRESOLVED, UNRESOLVABLE);
  }

  static Stream<Row<CoordinatorState, CoordinatorEvent>> rows() {
    return table().rows().stream();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void shouldDoWhatTheRowSays(Row<CoordinatorState, CoordinatorEvent> row) {
    table().check(row);
  }

  @Test
  void shouldHaveExercisedEveryRow() {
    // Given
    RowTable<CoordinatorState, CoordinatorEvent, CoordinatorEffect> table = table();

    // When
    table.rows().forEach(table::check);

    // Then
    assertThat(table.neverExercised(CoordinatorState.class, CoordinatorEvent.class)).isEmpty();
  }

  @Test
  void shouldMoveNowhereFromEnded() {
    // Given
    List<Row<CoordinatorState, CoordinatorEvent>> terminal =
        table().rows().stream()
            .filter(row -> row.state() instanceof Ended && row.next() != null)
            .toList();

    // When
    List<CoordinatorState> next =
        terminal.stream()
            .map(row -> CoordinatorCore.step(row.state(), row.event()).next())
            .toList();

    // Then
    assertThat(next).isNotEmpty().isEqualTo(terminal.stream().map(Row::state).toList());
  }
}
