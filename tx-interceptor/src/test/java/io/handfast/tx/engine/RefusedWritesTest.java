package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import org.junit.jupiter.api.Test;

/** Records that the store does not take: what was never written is not in doubt. */
class RefusedWritesTest {
  private final Story story = new Story();

  @Test
  void shouldAbortWhenTheDecisionIsRefusedT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().refuse(Record::hasDecision);

    // When
    story.frontAnswers(200).pass(6_000);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(503);
    TestFields headers = TestFields.of(story.client().replaced().headers());
    assertThat(headers.first("tx-outcome")).isEqualTo("aborted");
    assertThat(headers.first("retry-after")).isEqualTo("1");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.disk().durable).noneMatch(Record::hasDecision);
    story.assertSettled();
  }

  @Test
  void shouldNotKeepADecisionInACheckpointThatTheStoreHasNotTakenT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().refuse(Record::hasDecision);
    story.frontAnswers(200).pass(100);

    // When
    story.front.store().wantsCheckpoint = true;
    InboundProbe other = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    story.pass(20);
    assertThat(other.forwarded).isNotNull();
    assertThat(story.front.store().checkpoints).isEqualTo(1);
    story.front.restart();
    story.pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.completions).isNotEmpty().allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldKeepABranchInACheckpointWhoseEndWasRefused() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.store().refuse(Record::hasBranchEnded);
    story.frontAnswers(200).pass(100);
    assertThat(story.bank.completions).hasSize(1);

    // When
    story.bank.store().wantsCheckpoint = true;
    story.bank.inbound(story.boundary, false, "POST", "/", TestFields.of());
    story.pass(20);
    assertThat(story.bank.store().checkpoints).isEqualTo(1);
    story.bank.restart();
    story.pass(12_000);

    // Then
    assertThat(story.bank.completions).filteredOn(it -> it.contains("/confirm/")).hasSize(2);
    assertThat(story.front.list().inFlight()).isEmpty();
  }

  @Test
  void shouldWriteARefusedEndAgainUntilItIsTakenT16() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.store().refuse(Record::hasBranchEnded);
    story.frontAnswers(200).pass(60_000);
    assertThat(story.bank.completions).as("confirmed once").hasSize(1);
    assertThat(story.front.list().inFlight()).as("not acknowledged").hasSize(1);

    // When
    story.bank.store().refuse(false);
    story.pass(6_000);

    // Then
    assertThat(story.bank.disk().durable).anyMatch(Record::hasBranchEnded);
    assertThat(story.bank.completions).hasSize(1);
    story.assertSettled();
  }

  @Test
  void shouldRefuseTheRequestWhenAnOverlappedBegunIsRefused() {
    // Given
    story.bankMode = Policies.overlapped();
    story.bank.store().refuse(true);
    story.begin();
    OutboundProbe call =
        story.front.outbound(io.handfast.tx.interceptor.RoutePolicy.NONE, story.client().service());

    // When
    InboundProbe served =
        story.bank.inbound(Policies.participant(story.bankMode), "POST", "/reserve", call.wire());
    story.pass(5);

    // Then
    assertThat(served.forwarded).isNull();
    assertThat(served.refused().status()).isEqualTo(503);
  }
}
