package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.vote;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_READ_ONLY;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_YES;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.YES_2;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.YES_3;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.began;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.closed;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ForceDecision;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendPrepare;
import io.handfast.tx.core.coordinator.CoordinatorEffect.StartTimer;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Explicit prepare, as far as the coordinator keeps its rules: who voted ask is asked. */
class CoordinatorAskingTest {
  private static final BranchVote ASK_2 = vote(2, Vote.ASK);
  private static final BranchVote ASK_3 = vote(3, Vote.ASK);
  private final CoordinatorRun run = new CoordinatorRun();

  private static PrepareAnswered promised(long n, Vote vote) {
    return new PrepareAnswered(key(n), vote, vote == Vote.ABORT ? "422" : "");
  }

  @Test
  @DisplayName(
      "those who voted ask are asked to prepare all at once, and the decision waits for them")
  void shouldAskBeforeItDecides() {
    // When, Then
    assertThat(run.on(began(true), closed(OWN_YES, ASK_2, ASK_3)).last())
        .containsExactly(new SendPrepare(ASK_2, 1), new SendPrepare(ASK_3, 1));
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    assertThat(run.on(promised(3, Vote.PREPARED)).last()).isEmpty();
    assertThat(run.on(promised(2, Vote.PREPARED)).last())
        .containsExactly(
            new CancelTimer(TimerKind.DEADLINE, null),
            new ForceDecision(List.of(OWN_YES, YES_3, YES_2), false));
  }

  @Test
  @DisplayName("a branch that turns out read-only when it is asked drops out")
  void shouldLeaveOutWhoHasNothingToCommit() {
    // When
    run.on(began(true), closed(OWN_YES, ASK_2), promised(2, Vote.READ_ONLY), new DecisionDurable());

    // Then
    assertThat(run.all()).contains(new ForceDecision(List.of(OWN_YES), false));
    assertThat(run.answer(2)).isEqualTo(Answer.ABORTED);
  }

  @Test
  @DisplayName("the boundary's own branch is asked as well, and its record rides with the decision")
  void shouldLetTheRootsRecordRideWhenItWasAsked() {
    // When
    run.on(
        began(true),
        new RootClosed(List.of(vote(1, Vote.ASK)), RootAnswer.SUCCESS, true),
        promised(1, Vote.PREPARED));

    // Then
    assertThat(run.last()).contains(new ForceDecision(List.of(OWN_YES), true));
  }

  @Test
  @DisplayName("a root that had nothing to commit has ended: no record of it rides")
  void shouldNotLetTheRootsRecordRideWhenItDroppedOut() {
    // When
    run.on(
        began(true),
        new RootClosed(List.of(vote(1, Vote.ASK), ASK_2), RootAnswer.SUCCESS, true),
        promised(1, Vote.READ_ONLY),
        promised(2, Vote.PREPARED));

    // Then
    assertThat(run.last()).contains(new ForceDecision(List.of(YES_2), false));
  }

  @Test
  @DisplayName("T14 a PREPARE without an answer dooms its branch: ABORT to all, at once")
  void shouldAbortWhenAPrepareIsNotAnsweredT14() {
    // Given
    run.on(began(true), closed(OWN_YES, ASK_2, ASK_3), promised(2, Vote.PREPARED));

    // When
    run.on(new PrepareUnanswered(key(3), "connection reset"));

    // Then
    assertThat(run.last())
        .contains(
            new SendOutcome(OWN_YES, Outcome.ABORT, 1, false),
            new SendOutcome(YES_2, Outcome.ABORT, 1, false),
            new SendOutcome(ASK_3, Outcome.ABORT, 1, false),
            new AnswerFailure(
                Failure.ABORTED,
                new Blame(branch(3), "svc-3", "asked to prepare: no answer: connection reset"),
                ""));
    assertThat(run.answer(3)).isEqualTo(Answer.ABORTED);
  }

  @Test
  @DisplayName("one that refuses aborts the others at once; it undoes by itself")
  void shouldAbortAtOnceWhenOneWillNotPrepare() {
    // When
    run.on(began(true), closed(OWN_READ_ONLY, ASK_2, ASK_3), promised(2, Vote.ABORT));

    // Then
    assertThat(run.last())
        .contains(new SendOutcome(ASK_3, Outcome.ABORT, 1, false))
        .noneMatch(e -> e instanceof SendOutcome told && told.branch().equals(ASK_2));
  }

  @Test
  @DisplayName("one that is at work is asked again, until the deadline")
  void shouldAskAgainUntilTheDeadline() {
    // Given
    run.on(began(true), closed(OWN_YES, ASK_2));

    // When, Then
    assertThat(run.on(promised(2, Vote.ASK)).last())
        .containsExactly(new StartTimer(TimerKind.REDELIVER, key(2), 1));
    assertThat(run.on(new TimerFired(TimerKind.REDELIVER, key(2))).last())
        .containsExactly(new SendPrepare(ASK_2, 2));
    assertThat(run.on(new TimerFired(TimerKind.DEADLINE, null)).last())
        .contains(new AnswerFailure(Failure.DEADLINE, null, ""));
    assertThat(run.on(promised(2, Vote.PREPARED)).last()).isEmpty();
  }
}
