package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.interceptor.RoutePolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code begun: OVERLAPPED}: safe against the death of the process, not of the machine. */
class OverlappedTest {
  private final Story story = new Story();

  OverlappedTest() {
    story.bankMode = Policies.overlapped();
  }

  @Test
  void shouldForwardTheRequestWhileBegunIsBeingForced() {
    // Given
    story.begin();
    story.bank.store().freeze();

    // When
    story.callBank();

    // Then
    assertThat(story.bank.disk().durable).as("written").hasSize(1).allMatch(Record::hasBegun);
    assertThat(story.bank.store().forces()).isZero();
  }

  @Test
  void shouldNotForwardTheRequestBeforeBegunIsWritten() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    InboundProbe served =
        story.bank.inbound(Policies.participant(story.bankMode), "POST", "/reserve", call.wire());

    // Then
    assertThat(served.forwarded).isNull();
    story.pass(1);
    assertThat(served.forwarded).isNotNull();
  }

  @Test
  void shouldVoteOnlyWhenBegunIsDurable() {
    // Given
    story.begin();
    story.bank.store().freeze();
    story.callBank();

    // When
    story.bankAnswers(200);
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.served().released).as("an answer never waits for a force").isNotNull();
    assertThat(story.served().voteOrNull()).isNull();
    assertThat(story.client().answers()).isZero();

    // When
    story.bank.store().thaw();
    story.pass(200);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    story.pass(6_000);
    story.assertSettled();
  }

  @Test
  void shouldUndoTheTryWhenTheProcessDiesBeforeBegunIsForced() {
    // Given
    story.begin();
    story.bank.store().freeze();
    story.callBank();

    // When
    story.bank.restart();
    story.call().exchange().failed("connection lost", List.of());
    story.frontAnswers(200).pass(60_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldAbortWhenTheForceOfBegunFails() {
    // Given
    story.begin();
    story.bank.store().freeze();
    story.callBank();

    // When
    story.bank.store().breakDown();
    story.pass(1);
    story.bankAnswers(200);
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.served().replaced().status()).isEqualTo(409);
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.bank.completions).isNotEmpty().allMatch(it -> it.contains("/cancel/"));
  }
}
