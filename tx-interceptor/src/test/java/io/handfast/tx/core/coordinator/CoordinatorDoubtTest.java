package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_YES;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.YES_2;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.ack;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.began;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.closed;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.fired;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReleaseResponse;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Resolve;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.StartTimer;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ClientGone;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionLost;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionRefused;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolvable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolved;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.InDoubt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A decision whose write fails, loses or is refused (T18, T19). */
class CoordinatorDoubtTest {
  private final CoordinatorRun run = new CoordinatorRun();

  @Test
  @DisplayName(
      "T18 a decision that may be durable is unknown to the client and PENDING to participants")
  void shouldStayInDoubtWhenTheDecisionFails() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2), new DecisionFailed("disk full"));

    // Then
    assertThat(run.last()).containsExactly(new AnswerFailure(Failure.UNKNOWN, null, "disk full"));
    assertThat(run.all()).noneMatch(SendOutcome.class::isInstance);
    assertThat(run.state()).isInstanceOf(InDoubt.class);
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    assertThat(run.on(fired(TimerKind.DEADLINE)).last()).isEmpty();
  }

  @Test
  @DisplayName("T19 aborts when a participant's ABORT was there first")
  void shouldAbortWhenTheDecisionLosesT19() {
    // Given
    run.on(began(true), closed(OWN_YES, YES_2));

    // When
    run.on(new DecisionLost("ABORT stands"));

    // Then
    assertThat(run.state()).isInstanceOf(Aborting.class);
    assertThat(run.last())
        .contains(
            new AnswerFailure(Failure.DEADLINE, null, "ABORT stands"),
            new SendOutcome(YES_2, Outcome.ABORT, 1, false))
        .doesNotHaveAnyElementsOfTypes(ReleaseResponse.class);
  }

  @Test
  @DisplayName("T18 tells nothing until the shared store has ended the doubt, by either outcome")
  void shouldMoveOnlyAsTheStoreSaysWhenInDoubtT18() {
    // Given
    DecisionFailed failed = new DecisionFailed("no answer", true);
    run.on(began(true), closed(OWN_YES, YES_2), failed);
    assertThat(run.last())
        .containsExactly(new AnswerFailure(Failure.UNKNOWN, null, "no answer"), new Resolve(1));

    // When, Then
    assertThat(run.on(new Unresolved("no answer")).last())
        .containsExactly(new StartTimer(TimerKind.RESOLVE, null, 1));
    assertThat(run.on(fired(TimerKind.RESOLVE)).last()).containsExactly(new Resolve(2));
    CoordinatorState doubt = run.state();
    assertThat(CoordinatorCore.step(doubt, new DecisionDurable()).effects())
        .contains(new SendOutcome(YES_2, Outcome.COMMIT, 1, false))
        .doesNotHaveAnyElementsOfTypes(ReleaseResponse.class);
    assertThat(CoordinatorCore.step(doubt, new DecisionLost("own ABORT")).effects())
        .contains(new SendOutcome(YES_2, Outcome.ABORT, 1, false));
    assertThat(CoordinatorCore.step(doubt, new Unresolvable("gone")).effects())
        .containsExactly(new Forget());
  }

  @Test
  @DisplayName("T18 a decision that the store did not take aborts: it is not there")
  void shouldAbortWhenTheDecisionIsRefusedT18() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2), new DecisionRefused("disk full"));

    // Then
    assertThat(run.last())
        .containsExactly(
            new SendOutcome(OWN_YES, Outcome.ABORT, 1, false),
            new SendOutcome(YES_2, Outcome.ABORT, 1, false),
            new AnswerFailure(Failure.UNAVAILABLE, null, "disk full"),
            new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    assertThat(run.answer(2)).isEqualTo(Answer.ABORTED);
    assertThat(run.on(ack(1, Acknowledgement.DONE), ack(2, Acknowledgement.DONE)).last())
        .containsExactly(new Forget());
  }

  @Test
  @DisplayName("T18 nobody is answered twice when the client has gone before the refusal")
  void shouldAnswerNobodyWhenTheDecisionIsRefusedAfterTheClientHasGone() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2), new ClientGone(), new DecisionRefused("disk full"));

    // Then
    assertThat(run.all()).noneMatch(AnswerFailure.class::isInstance);
    assertThat(run.answer(2)).isEqualTo(Answer.ABORTED);
  }
}
