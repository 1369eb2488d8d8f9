package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.engine.EngineConfig.Limits;
import io.handfast.tx.interceptor.RoutePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Why a transaction did not commit, as it is counted: once for each that begins. */
class OutcomeReasonsTest {
  private static final String OUTCOMES = "handfast.tx.outcomes";
  private final Story story = new Story();

  @AfterEach
  void shouldCountEachOnce() {
    assertThat(story.front.count(OUTCOMES)).isEqualTo(story.front.count("handfast.tx.begun"));
  }

  private void assertCounted(String outcome, String reason) {
    assertThat(story.front.count(OUTCOMES, "outcome", outcome, "reason", reason))
        .as(outcome + ": " + reason)
        .isEqualTo(1);
  }

  @Test
  void shouldSayNothingOfOneThatCommits() {
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(1_000);
    assertCounted("committed", "");
  }

  @Test
  void shouldCountTheServicesOwnError() {
    story.begin().callBank().bankAnswers(200).frontAnswers(500).pass(1_000);
    assertCounted("aborted", "service-error");
  }

  @Test
  void shouldCountABranchThatSaysNo() {
    story.begin().callBank().bankAnswers(422).frontAnswers(200).pass(1_000);
    assertCounted("aborted", "transaction-aborted");
  }

  @Test
  void shouldCountADeadline() {
    story.begin().callBank().pass(60_000);
    assertCounted("aborted", "deadline");
  }

  @Test
  void shouldCountALostAnswer() {
    story.begin().client().exchange().lost("reset", false);
    story.pass(1_000);
    assertCounted("aborted", "answer-lost");
  }

  @Test
  void shouldCountAStoreThatDoesNotTakeTheDecision() {
    story.front.store().refuse(Record::hasDecision);
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(20_000);
    assertCounted("aborted", "not-available");
  }

  @Test
  void shouldCountAResponseThatIsTooLarge() {
    story.begin().client().exchange().tooLarge(1 << 20);
    story.pass(1_000);
    assertCounted("aborted", "response-too-large");
  }

  @Test
  void shouldCountALimit() {
    // Given: below the bank there is one more, which the boundary hears of with the bank's vote
    EngineConfig plain = EngineConfig.of("front", story.front.authority());
    story.front.configure(
        new EngineConfig(
            "front",
            plain.authority(),
            new Limits(10, 2, 1 << 20, Duration.ofHours(1)),
            plain.retention(),
            plain.traceQuarantine(),
            () -> Optional.of(Mesh.identity("front")),
            Optional.empty()));
    Sidecar ledger = story.mesh.sidecar("ledger");
    story.begin().callBank();
    OutboundProbe below = story.bank.outbound(RoutePolicy.NONE, story.served().service());
    InboundProbe deep =
        ledger.inbound(Policies.participant(story.bankMode), "POST", "/book", below.wire());
    story.pass(2);
    deep.answered(200);
    story.pass(3);
    below
        .exchange()
        .answered(OutboundProbe.status(200), List.of(requireNonNull(deep.voteOrNull())));

    // When
    story.bankAnswers(200).frontAnswers(200).pass(1_000);

    // Then
    assertCounted("aborted", "limit-reached");
  }

  @Test
  void shouldCountAClientThatHasGone() {
    story.begin().callBank().bankAnswers(200);
    story.client().exchange().callerGone();
    story.pass(60_000);
    assertCounted("aborted", "client-gone");
  }

  @Test
  void shouldCountACommitWhoseClientHasGone() {
    // Given: decided, and not yet told
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(10);

    // When
    story.client().exchange().callerGone();
    story.pass(1_000);

    // Then
    assertCounted("committed", "");
  }

  @Test
  void shouldCountADecisionThatNobodyKnows() {
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);
    story.front.store().breakDown();
    story.pass(1_000);
    assertCounted("unknown", "outcome-unknown");
  }

  @Test
  void shouldCountAHazard() {
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 410;
    story.frontAnswers(200).pass(1_000);
    assertCounted("unknown", "heuristic-hazard");
  }
}
