package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.at;
import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_NO;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_READ_ONLY;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.OWN_YES;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.YES_2;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.ack;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.began;
import static io.handfast.tx.core.coordinator.CoordinatorSamples.closed;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What whoever asks the coordinator for an outcome is answered, and when (T10, T13, T14). */
class CoordinatorInquiryTest {
  private final CoordinatorRun run = new CoordinatorRun();

  @Test
  @DisplayName("T10 abort wins over prepared; two participants of one branch are two entries")
  void shouldKeyOutcomesByBranchAndParticipant() {
    // Given
    BranchVote otherPod =
        new BranchVote(branch(2), Vote.PREPARED, at(7), YES_2.store(), "svc-2", "callback", "", "");

    // When
    run.on(began(true), closed(OWN_READ_ONLY, YES_2, otherPod, YES_2), new DecisionDurable());

    // Then
    assertThat(run.all()).filteredOn(SendOutcome.class::isInstance).hasSize(2);
    assertThat(run.answer(2)).isEqualTo(Answer.COMMITTED);
    assertThat(
            CoordinatorCore.answer(run.state(), new ParticipantKey(branch(2), at(7)), true, true))
        .isEqualTo(Answer.COMMITTED);
    assertThat(
            CoordinatorCore.answer(run.state(), new ParticipantKey(branch(2), at(8)), true, true))
        .isEqualTo(Answer.ABORTED);
  }

  @Test
  @DisplayName("T14 what is prepared under another handle is not in the decision, whoever asks")
  void shouldAnswerByHandle() {
    // Given
    BranchVote block =
        new BranchVote(
            branch(2), Vote.PREPARED, at(7), YES_2.store(), "svc-2", "database", "bank/1.700", "");

    // When
    run.on(began(true), closed(OWN_READ_ONLY, block), new DecisionDurable());

    // Then
    assertThat(answer(at(7), "bank/1.700")).isEqualTo(Answer.COMMITTED);
    assertThat(answer(at(8), "bank/1.700"))
        .as("a replica that found it")
        .isEqualTo(Answer.COMMITTED);
    assertThat(answer(at(8), "audit/1.700"))
        .as("another name of the same database")
        .isEqualTo(Answer.COMMITTED);
    assertThat(answer(at(7), "bank/2.701")).isEqualTo(Answer.ABORTED);
    assertThat(answer(at(7), "bank/")).isEqualTo(Answer.ABORTED);
    assertThat(answer(at(7), "")).isEqualTo(Answer.ABORTED);
  }

  private Answer answer(Authority asker, String handle) {
    return CoordinatorCore.answer(
        run.state(), new ParticipantKey(branch(2), asker), handle, true, true, Protocol.TWO_PHASE);
  }

  @Test
  @DisplayName("T12 T14 a branch struck off without a known participant is ABORTED too")
  void shouldAnswerAbortedForABranchStruckOffUnheard() {
    // When
    run.on(began(true), new Struck(List.of(BranchVote.struckUnknown(branch(9), "reset"))));

    // Then
    assertThat(run.last()).isEmpty();
    assertThat(run.answer(9)).isEqualTo(Answer.ABORTED);
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
  }

  @Test
  @DisplayName("T13 only the decider itself answers from absence, and only when it has replayed")
  void shouldAnswerFromAbsenceOnlyForItself() {
    assertThat(CoordinatorCore.answer(null, key(2), true, true)).isEqualTo(Answer.ABORTED);
    assertThat(CoordinatorCore.answer(null, key(2), true, false)).isEqualTo(Answer.PENDING);
    assertThat(CoordinatorCore.answer(null, key(2), false, true)).isEqualTo(Answer.NOT_MINE);
  }

  @Test
  @DisplayName("T14 under THREE_PHASE who reads its store does not say that the transaction runs")
  void shouldNotSayThatItLivesWhileItReadsUnderThreePhase() {
    assertThat(CoordinatorCore.answer(null, key(2), true, false, Protocol.THREE_PHASE))
        .isEqualTo(Answer.NOT_MINE);
  }

  @Test
  @DisplayName(
      "T14 PENDING while it runs and while the decision is being forced, then what the decision"
          + " says")
  void shouldAnswerPendingUntilItsFateIsFixed() {
    // When, Then
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    run.on(began(true));
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    run.on(closed(OWN_YES, YES_2));
    assertThat(run.state()).isInstanceOf(Deciding.class);
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    run.on(new DecisionDurable());
    assertThat(run.answer(2)).isEqualTo(Answer.COMMITTED);
    assertThat(run.answer(9)).isEqualTo(Answer.ABORTED);
    run.on(ack(1, Acknowledgement.DONE), ack(2, Acknowledgement.DONE));
    assertThat(run.answer(2)).isEqualTo(Answer.COMMITTED);
  }

  @Test
  @DisplayName("T14 ABORTED when it aborts")
  void shouldAnswerAbortedWhenItAborts() {
    // When
    run.on(began(true), closed(OWN_NO, YES_2));

    // Then
    assertThat(run.answer(2)).isEqualTo(Answer.ABORTED);
  }
}
