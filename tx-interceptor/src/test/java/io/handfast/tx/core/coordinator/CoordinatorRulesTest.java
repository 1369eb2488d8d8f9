package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.vote;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_NO;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_READ_ONLY;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_YES;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.ROOT;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.YES_2;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.YES_3;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.ack;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.began;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.closed;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.fired;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ForceDecision;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReleaseResponse;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReportHazard;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.StartTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.WriteEnded;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ClientGone;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Doomed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Recovered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol's rules, by their numbers, as far as the coordinator keeps them. */
class CoordinatorRulesTest {
  private final CoordinatorRun run = new CoordinatorRun();

  @Test
  @DisplayName(
      "force before tell: the decision is durable before anybody is told, then all at once")
  void shouldForceTheDecisionBeforeItTells() {
    // When, Then
    run.on(began(true), closed(OWN_YES, YES_2));
    assertThat(run.all())
        .contains(new ForceDecision(List.of(OWN_YES, YES_2), false))
        .noneMatch(SendOutcome.class::isInstance);
    assertThat(run.on(new DecisionDurable()).last())
        .containsExactly(
            new SendOutcome(OWN_YES, Outcome.COMMIT, 1, true),
            new SendOutcome(YES_2, Outcome.COMMIT, 1, true),
            new StartTimer(TimerKind.COMPLETION_WAIT, null, 1));
  }

  @Test
  @DisplayName("the response goes when all have acknowledged, then the end is written")
  void shouldReleaseTheResponseWhenAllHaveAcknowledged() {
    // Given
    run.on(
        began(true), closed(OWN_YES, YES_2), new DecisionDurable(), ack(1, Acknowledgement.DONE));
    assertThat(run.all()).noneMatch(ReleaseResponse.class::isInstance);

    // When
    run.on(ack(2, Acknowledgement.DONE));

    // Then
    assertThat(run.last())
        .containsExactly(
            new CancelTimer(TimerKind.COMPLETION_WAIT, null),
            new ReleaseResponse(),
            new WriteEnded(false),
            new Forget());
  }

  @Test
  @DisplayName(
      "the response goes after completion_wait, and participants are told until they acknowledge")
  void shouldReleaseTheResponseAfterTheWait() {
    // Given
    run.on(
        began(true), closed(OWN_YES, YES_2), new DecisionDurable(), ack(1, Acknowledgement.DONE));

    // When, Then
    assertThat(run.on(fired(TimerKind.COMPLETION_WAIT)).last())
        .containsExactly(new ReleaseResponse());
    assertThat(run.on(new Undelivered(key(2))).last())
        .containsExactly(new StartTimer(TimerKind.REDELIVER, key(2), 1));
    assertThat(run.on(new TimerFired(TimerKind.REDELIVER, key(2))).last())
        .containsExactly(new SendOutcome(YES_2, Outcome.COMMIT, 2, false));
    assertThat(run.on(ack(2, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(false), new Forget());
  }

  @Test
  @DisplayName("read-only branches drop out: nothing is forced, committed at once")
  void shouldForceNothingWhenNothingWasChanged() {
    // When
    run.on(began(true), closed(OWN_READ_ONLY, vote(2, Vote.READ_ONLY)));

    // Then
    assertThat(run.all())
        .noneMatch(ForceDecision.class::isInstance)
        .contains(new ReleaseResponse());
    assertThat(run.state()).isInstanceOf(Ended.class);
  }

  @Test
  @DisplayName(
      "where only the boundary's own branch updates, its record and the decision are one force")
  void shouldForceOnceWhenOnlyTheRootUpdates() {
    // When
    run.on(
        began(true),
        new RootClosed(List.of(OWN_YES, vote(2, Vote.READ_ONLY)), RootAnswer.SUCCESS, true));

    // Then
    assertThat(run.last()).contains(new ForceDecision(List.of(OWN_YES), true));
  }

  @Test
  @DisplayName("T10 a no beside a yes of the same participant aborts")
  void shouldAbortWhenABranchSaysYesAndNo() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2, vote(2, Vote.ABORT, "second thoughts")));

    // Then
    assertThat(run.last())
        .contains(
            new AnswerFailure(
                Failure.ABORTED, new Blame(branch(2), "svc-2", "second thoughts"), ""),
            new SendOutcome(OWN_YES, Outcome.ABORT, 1, false));
  }

  @Test
  @DisplayName("T12 struck is ABORT for that branch, told at once, and not a no")
  void shouldCommitWithoutStruckBranches() {
    // Given
    BranchVote struck = YES_3.struck("optional call failed");

    // When, Then
    assertThat(run.on(began(true), new Struck(List.of(struck))).last())
        .containsExactly(new SendOutcome(struck, Outcome.ABORT, 1, false));
    assertThat(run.answer(3)).isEqualTo(Answer.ABORTED);
    assertThat(run.on(closed(OWN_YES, YES_2, struck)).last())
        .contains(new ForceDecision(List.of(OWN_YES, YES_2), false));
    assertThat(run.all())
        .filteredOn(e -> e instanceof SendOutcome sent && sent.branch().equals(struck))
        .hasSize(1);
  }

  @Test
  @DisplayName("early abort: a doomed transaction tells ABORT while its service still works")
  void shouldTellAbortAtOnceWhenDoomed() {
    // Given
    Blame blame = new Blame(branch(3), "svc-3", "no money");

    // When, Then
    run.on(began(true), new Doomed(List.of(OWN_NO, YES_2, vote(3, Vote.STRUCK)), blame));
    assertThat(run.last())
        .contains(
            new SendOutcome(YES_2, Outcome.ABORT, 1, false),
            new SendOutcome(vote(3, Vote.STRUCK), Outcome.ABORT, 1, false))
        .noneMatch(AnswerFailure.class::isInstance);
    assertThat(run.on(closed(OWN_NO)).last())
        .contains(new AnswerFailure(Failure.ABORTED, blame, ""));
  }

  @Test
  @DisplayName("the client gets the service's own error if that is what failed")
  void shouldPassTheServicesOwnError() {
    // When
    run.on(
        began(true),
        new Doomed(List.of(OWN_NO), new Blame(branch(3), "svc-3", "no")),
        new RootClosed(List.of(OWN_NO), RootAnswer.ERROR, false));

    // Then
    assertThat(run.all())
        .filteredOn(AnswerFailure.class::isInstance)
        .extracting(e -> ((AnswerFailure) e).failure())
        .containsExactly(Failure.OWN_ERROR);
  }

  @Test
  @DisplayName("past the deadline 504, and branches that were not known yet are told when they are")
  void shouldAbortAtTheDeadline() {
    // When, Then
    run.on(began(true), fired(TimerKind.DEADLINE));
    assertThat(run.last())
        .contains(
            new AnswerFailure(Failure.DEADLINE, null, ""),
            new SendOutcome(ROOT.vote(Vote.PREPARED, ""), Outcome.ABORT, 1, false));
    assertThat(run.on(new Doomed(List.of(OWN_NO, YES_2), new Blame(branch(1), "", ""))).last())
        .containsExactly(new SendOutcome(YES_2, Outcome.ABORT, 1, false));
    assertThat(run.on(closed(OWN_NO)).last()).noneMatch(AnswerFailure.class::isInstance);
  }

  @Test
  @DisplayName("a client that goes before the decision aborts it, after it nothing changes")
  void shouldAbortWhenTheClientGoesBeforeTheDecision() {
    // When
    CoordinatorRun before = new CoordinatorRun().on(began(true), new ClientGone());
    CoordinatorRun after =
        new CoordinatorRun()
            .on(began(true), closed(OWN_YES), new ClientGone(), new DecisionDurable());

    // Then
    assertThat(before.last())
        .contains(new SendOutcome(ROOT.vote(Vote.PREPARED, ""), Outcome.ABORT, 1, false));
    assertThat(before.all()).noneMatch(AnswerFailure.class::isInstance);
    assertThat(after.last()).containsExactly(new SendOutcome(OWN_YES, Outcome.COMMIT, 1, false));
  }

  @Test
  @DisplayName(
      "T16 another store at the participant's address keeps the transaction and shows a hazard")
  void shouldKeepTheTransactionWhenAnotherStoreAnswers() {
    // When
    run.on(
        began(true),
        closed(OWN_READ_ONLY, YES_2),
        new DecisionDurable(),
        ack(2, Acknowledgement.ANOTHER_STORE));

    // Then
    assertThat(run.state()).isInstanceOf(Committing.class);
    assertThat(run.last())
        .contains(new StartTimer(TimerKind.REDELIVER, key(2), 1))
        .anyMatch(ReportHazard.class::isInstance)
        .anyMatch(e -> e instanceof AnswerFailure failure && failure.failure() == Failure.HAZARD);
    assertThat(
            run.on(
                    new TimerFired(TimerKind.REDELIVER, key(2)),
                    ack(2, Acknowledgement.ANOTHER_STORE))
                .last())
        .containsExactly(new StartTimer(TimerKind.REDELIVER, key(2), 2));
    assertThat(run.on(ack(2, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(true), new Forget());
  }

  @Test
  @DisplayName("after a restart COMMIT is told to whoever has not acknowledged")
  void shouldTellAllAgainAfterARestart() {
    // When
    run.on(new Recovered(List.of(YES_2, YES_3)));

    // Then
    assertThat(run.last())
        .containsExactly(
            new SendOutcome(YES_2, Outcome.COMMIT, 1, false),
            new SendOutcome(YES_3, Outcome.COMMIT, 1, false));
    assertThat(run.answer(3)).isEqualTo(Answer.COMMITTED);
    assertThat(run.on(ack(2, Acknowledgement.DONE), ack(3, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(false), new Forget());
  }

  @ParameterizedTest
  @DisplayName("ABORT is told until it is acknowledged, for a bounded time")
  @ValueSource(ints = {1, 5})
  void shouldGiveUpTellingAbort(int attempts) {
    // Given
    run.on(began(true), closed(OWN_NO, YES_2));
    for (int i = 1; i <= attempts; i++) {
      assertThat(run.on(new Undelivered(key(2))).last())
          .containsExactly(new StartTimer(TimerKind.REDELIVER, key(2), i));
      run.on(new TimerFired(TimerKind.REDELIVER, key(2)));
    }

    // When
    run.on(fired(TimerKind.ABORT_DELIVERY));

    // Then
    assertThat(run.last()).containsExactly(new Forget());
  }
}
