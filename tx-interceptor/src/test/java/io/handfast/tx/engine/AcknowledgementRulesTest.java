package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.interceptor.RoutePolicy;
import org.junit.jupiter.api.Test;

/** When an outcome is acknowledged, and whose is believed: T16 and T20. */
class AcknowledgementRulesTest {
  private final Story story = new Story();
  private final Control control = new Control(story);

  @Test
  void shouldAcknowledgeOnlyWhenItsEndIsDurableT16() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.store().freeze();

    // When
    story.frontAnswers(200).pass(300);

    // Then
    assertThat(story.bank.completions).isNotEmpty();
    assertThat(story.front.list().inFlight()).hasSize(1);

    // When
    story.bank.store().thaw();
    story.pass(6_000);

    // Then
    story.assertSettled();
  }

  @Test
  void shouldAcknowledgeAtOnceWhenTheCoordinatorWaitsT16() {
    // When
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(6);

    // Then
    assertThat(story.client().answers()).isEqualTo(1);
  }

  @Test
  void shouldRideOnTheNextForceWhenNobodyWaitsT16() {
    // Given
    story.boundary = Policies.boundary(Policies.callback(), java.time.Duration.ZERO);

    // When
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(6);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.list().inFlight()).hasSize(1);
    story.pass(20);
    story.assertSettled();
  }

  @Test
  void shouldAcknowledgeAndRememberAbortOfABranchThatNeverRanT16() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());
    TestFields wire = call.wire();
    String context = String.valueOf(wire.first("tx-context"));
    long branch = Long.parseUnsignedLong(context.substring(36, 52), 16);

    // When
    OutcomeResult result = control.tell(story.bank, control.tx(), branch, Outcome.ABORT, "j.bank");
    InboundProbe late =
        story.bank.inbound(Policies.participant(Policies.callback()), "POST", "/", wire);

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(late.refused().status()).isEqualTo(409);
    assertThat(late.forwarded).isNull();
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.bank.disk().durable).isEmpty();
  }

  @Test
  void shouldAcknowledgeCommitOfABranchThatItDoesNotKnowT16() {
    // When
    OutcomeResult result = control.tell(story.bank, Control.STRANGE, 7, Outcome.COMMIT, "j.bank");

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
  }

  @Test
  void shouldAnswerAnotherStoreWhenAnotherOneVotedT16() {
    // When
    OutcomeResult result = control.tell(story.bank, Control.STRANGE, 7, Outcome.COMMIT, "j.gone");

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
  }

  @Test
  void shouldNotBelieveAnOutcomeThatIsNotTheDecidersT20() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    OutcomeItem forged =
        Control.item(control.tx(), control.branch(), Outcome.COMMIT, "j.bank").toBuilder()
            .setDecider("j.evil")
            .build();
    OutcomeResult result = control.tell(story.bank, forged);

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(story.bank.completions).isEmpty();
  }

  @Test
  void shouldConfirmOnceMoreWhenTheEndWasNotDurableT16() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.store().freeze();
    story.frontAnswers(200).pass(50);
    assertThat(story.bank.completions).hasSize(1);

    // When
    story.bank.restart();
    story.pass(12_000);

    // Then
    assertThat(story.bank.completions).hasSize(2).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldGetDoneAgainWhenTheCoordinatorForgotWithoutARecord() {
    // Given
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(6);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.front.disk().durable).noneMatch(Record::hasEnded);

    // When
    story.front.restart();
    story.pass(100);

    // Then
    assertThat(story.bank.completions).as("confirmed once, acknowledged twice").hasSize(1);
    story.assertSettled();
    assertThat(story.front.disk().durable).anyMatch(Record::hasEnded);
  }
}
