package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.TX;
import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_NO;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_READ_ONLY;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_YES;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.YES_2;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.ack;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.began;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.closed;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.fired;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReleaseResponse;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReportHazard;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.WriteEnded;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Acknowledged;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionRefused;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Doomed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** T21: what the coordinator makes of a participant that could not do as it was told. */
class CoordinatorHazardTest {
  private final CoordinatorRun run = new CoordinatorRun();

  private static AnswerFailure hazardOf2() {
    return new AnswerFailure(Failure.HAZARD, new Blame(branch(2), "svc-2", "422"), "");
  }

  @Test
  @DisplayName("T21 a hazard known before the response is told as 500 and unknown")
  void shouldTellAHazardThatIsKnownInTime() {
    // When
    run.on(
        began(true), closed(OWN_YES, YES_2), new DecisionDurable(), ack(2, Acknowledgement.HAZARD));

    // Then
    assertThat(run.last())
        .containsExactly(
            new ReportHazard(key(2), "422"),
            new CancelTimer(TimerKind.COMPLETION_WAIT, null),
            new AnswerFailure(Failure.HAZARD, new Blame(branch(2), "svc-2", "422"), ""));
    assertThat(run.on(ack(1, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(true), new Forget());
    assertThat(run.all()).noneMatch(ReleaseResponse.class::isInstance);
  }

  @Test
  @DisplayName("T21 a participant is shown once, whatever words it finds while it is told again")
  void shouldShowOneHazardOfAParticipantT21() {
    // Given
    run.on(began(true), closed(OWN_YES, YES_2), new DecisionDurable());

    // When
    for (int i = 0; i < 100; i++) {
      run.on(
          new Acknowledged(key(2), Acknowledgement.ANOTHER_STORE, "attempt " + i),
          new TimerFired(TimerKind.REDELIVER, key(2)));
    }
    run.on(ack(1, Acknowledgement.DONE));

    // Then
    assertThat(run.all())
        .filteredOn(ReportHazard.class::isInstance)
        .containsExactly(new ReportHazard(key(2), "attempt 0"));
    assertThat(((CoordinatorState.Committing) run.state()).hazards())
        .containsExactly(new CoordinatorState.Hazard(key(2), "svc-2", "attempt 0"));
  }

  @ParameterizedTest
  @EnumSource(RootAnswer.class)
  @DisplayName("T21 an undo refused before the client was answered is told, however it aborts")
  void shouldTellARefusedUndoWhenItAbortsT21(RootAnswer answer) {
    // Given
    run.on(
        began(true),
        new Doomed(List.of(OWN_NO, YES_2), new Blame(branch(3), "svc-3", "no money")),
        ack(2, Acknowledgement.HAZARD));

    // When
    run.on(new RootClosed(List.of(OWN_NO), answer, false));

    // Then
    assertThat(run.all()).filteredOn(AnswerFailure.class::isInstance).containsExactly(hazardOf2());
    assertThat(run.state())
        .isEqualTo(
            new Ended(
                TX,
                CoordinatorState.Result.ABORTED,
                Set.of(),
                List.of(new CoordinatorState.Hazard(key(2), "svc-2", "422"))));
  }

  @Test
  @DisplayName("T21 an undo of a branch struck off that was refused is told at the deadline too")
  void shouldTellARefusedUndoAtTheDeadlineT21() {
    // When
    run.on(
        began(true),
        new Struck(List.of(YES_2.struck("optional call failed"))),
        ack(2, Acknowledgement.HAZARD),
        fired(TimerKind.DEADLINE));

    // Then
    assertThat(run.all()).filteredOn(AnswerFailure.class::isInstance).containsExactly(hazardOf2());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("T21 an undo of a branch struck off that was refused is told beside a commit")
  void shouldTellARefusedUndoWhenTheRestCommitsT21(boolean completionWait) {
    // Given
    run.on(
        began(completionWait),
        new Struck(List.of(YES_2.struck("optional call failed"))),
        ack(2, Acknowledgement.HAZARD),
        closed(OWN_YES));

    // When
    run.on(new DecisionDurable());

    // Then
    assertThat(run.all())
        .contains(hazardOf2(), new SendOutcome(OWN_YES, Outcome.COMMIT, 1, false))
        .noneMatch(ReleaseResponse.class::isInstance);
    assertThat(run.on(ack(1, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(true), new Forget());
  }

  @Test
  @DisplayName("T21 the same while the decision is being forced, and where nothing is to commit")
  void shouldTellARefusedUndoThatIsKnownLateT21() {
    // When
    CoordinatorRun deciding =
        new CoordinatorRun()
            .on(
                began(true),
                closed(OWN_YES, YES_2.struck("failed")),
                ack(2, Acknowledgement.HAZARD),
                new DecisionDurable());
    CoordinatorRun readOnly =
        new CoordinatorRun()
            .on(
                began(true),
                new Struck(List.of(YES_2.struck("failed"))),
                ack(2, Acknowledgement.HAZARD),
                closed(OWN_READ_ONLY));
    CoordinatorRun refused =
        new CoordinatorRun()
            .on(
                began(true),
                closed(OWN_YES, YES_2.struck("failed")),
                ack(2, Acknowledgement.HAZARD),
                new DecisionRefused("disk full"));

    // Then
    for (CoordinatorRun run : List.of(deciding, readOnly, refused)) {
      assertThat(run.all())
          .contains(hazardOf2())
          .filteredOn(e -> e instanceof AnswerFailure || e instanceof ReleaseResponse)
          .hasSize(1);
    }
  }
}
