package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Authority;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Boundary;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.operator.TransactionCommands.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where transactions begin and end: what the client is told, and what is refused. */
class BoundaryTest {
  private final Story story = new Story();

  @Test
  void shouldHoldAllOfTheAnswerUntilTheOutcome() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();

    // When
    story.frontAnswers(201).pass(100);

    // Then
    assertThat(story.client().answers()).isZero();
    assertThat(story.client().holding).isNotNull().satisfies(it -> assertThat(it.whole()).isTrue());
    story.front.store().thaw();
    story.pass(50);
    assertThat(story.outcome()).isEqualTo("committed");
  }

  @Test
  void shouldPassTheServicesOwnErrorOnWhenThatFailed() {
    // When
    story.begin().frontAnswers(422).pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("aborted");
    assertThat(story.client().replaced).isNull();
    assertThat(story.front.completions).as("a definite no left nothing").isEmpty();
    story.assertSettled();
  }

  @Test
  void shouldAbortAtTheDeadline() {
    // When
    story.begin().callBank().pass(Policies.TIMEOUT.toMillis() + 10);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(TestFields.of(story.client().replaced().headers()).first("tx-outcome"))
        .isEqualTo("aborted");
    story.pass(60_000);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldAbortWhenTheCallersOwnDeadlineComesFirst() {
    // Given
    story.front.callersWait(Duration.ofMillis(200));

    // When
    story.begin().callBank().pass(210);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(TestFields.of(story.client().replaced().headers()).first("tx-outcome"))
        .isEqualTo("aborted");
    assertThat(story.front.completions).as("the Try may still run (T17)").isEmpty();
    story.pass(60_000);
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldKeepTheBoundarysTimeoutWhenTheCallerWaitsLonger() {
    // Given
    story.front.callersWait(Policies.TIMEOUT.plusSeconds(60));

    // When
    story.begin().callBank().pass(Policies.TIMEOUT.toMillis() + 10);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
  }

  @Test
  void shouldBeginNothingWhenTheCallersDeadlineHasPassed() {
    // Given
    story.front.callersWait(Duration.ZERO);

    // When
    InboundProbe probe =
        story.front.inbound(story.boundary, false, "POST", "/orders", TestFields.of());

    // Then
    assertThat(probe.refused().status()).isEqualTo(504);
    assertThat(probe.forwarded).isNull();
    story.assertSettled();
  }

  @Test
  void shouldAbortAndUndoWhenTheRequestBreaksOnItsWay() {
    // Given
    Problem problem = new Problem(400, "broken", "t", "a second message", null, null, List.of());

    // When
    story.begin().client().exchange().broken(problem);
    story.pass(60_000);

    // Then
    assertThat(story.client().replaced().type()).isEqualTo("broken");
    assertThat(TestFields.of(story.client().replaced().headers()).first("tx-outcome"))
        .isEqualTo("aborted");
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldAbortWhenTheClientGoesBeforeTheDecision() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    story.client().exchange().callerGone();
    story.pass(60_000);

    // Then
    assertThat(story.client().answers()).isZero();
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldCommitWhenTheClientGoesAfterTheDecision() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);

    // When
    story.client().exchange().callerGone();
    story.pass(5);
    story.front.store().thaw();
    story.pass(50);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldDropARequestWhoseClientGoesWhileBegunIsForced() {
    // Given
    story.front.store().freeze();
    InboundProbe client = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());

    // When
    client.exchange().callerGone();
    story.pass(1);
    story.front.store().thaw();
    story.pass(100);

    // Then
    assertThat(client.forwarded).isNull();
    assertThat(story.front.completions).isEmpty();
    story.assertSettled();
  }

  @Test
  void shouldAbortWhenTheAnswerIsTooLargeToBeHeld() {
    // Given
    story.begin();

    // When
    story.client().exchange().tooLarge(1 << 20);
    story.pass(20);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(502);
    assertThat(story.client().replaced().detail())
        .contains("1048576")
        .contains("max_held_response");
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
  }

  @Test
  void shouldSayWhatTheDataPathSaysWhenTheServiceDidNotAnswer() {
    // Given
    story.begin();

    // When
    story.client().exchange().lost("503 UF", true);
    story.pass(50);

    // Then
    assertThat(story.outcome()).isEqualTo("aborted");
    assertThat(story.front.completions).as("it was never sent").isEmpty();
    story.assertSettled();
  }

  @Test
  void shouldReleaseAfterTheCompletionWaitWhenABranchIsSlow() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 503;

    // When
    story.frontAnswers(200).pass(90);
    assertThat(story.client().answers()).isZero();
    story.pass(30);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");

    // When
    story.bank.completionStatus = 200;
    story.pass(12_000);

    // Then
    story.assertSettled();
  }

  @Test
  void shouldRefuseAnIdempotencyKeyUnlessTheRouteTakesTheRisk() {
    // Given
    RoutePolicy allowing =
        new RoutePolicy(
            Propagation.REQUIRED,
            new Boundary(Policies.TIMEOUT, Duration.ZERO, 1 << 20, true, false),
            Policies.callback(),
            false);
    TestFields headers = TestFields.of("idempotency-key", "k1");

    // When
    InboundProbe refused = story.front.inbound(story.boundary, false, "POST", "/", headers);
    InboundProbe allowed = story.front.inbound(allowing, false, "POST", "/", headers);
    story.pass(5);

    // Then
    assertThat(refused.refused().status()).isEqualTo(400);
    assertThat(refused.refused().detail()).contains("idempotency-key");
    assertThat(allowed.service().first("idempotency-key")).matches("k1:[0-9a-f]{16}");
  }

  @Test
  void shouldRefuseAnUpgradeInsideATransaction() {
    // Given
    InboundProbe probe = new InboundProbe();

    // When
    probe.exchange(
        story
            .front
            .engine()
            .inbound(
                new InboundCall(
                    story.boundary,
                    false,
                    "GET",
                    "/",
                    TestFields.of(),
                    true,
                    null,
                    Policies.TRY_TIMEOUT,
                    Optional.empty(),
                    story.front.loop()),
                probe));

    // Then
    assertThat(probe.refused().status()).isEqualTo(400);
  }

  @Test
  void shouldRefuseMoreThanMaxTransactions() {
    // Given
    story.front.configure(
        new EngineConfig(
            "front",
            new Authority("front", 15014),
            new EngineConfig.Limits(1, 9, 1 << 20, Duration.ofHours(1)),
            EngineConfig.DEFAULT_RETENTION,
            EngineConfig.DEFAULT_TRACE_QUARANTINE,
            () -> Optional.of(Mesh.identity("front")),
            Optional.empty()));
    story.begin();

    // When
    InboundProbe second = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());

    // Then
    assertThat(second.refused().status()).isEqualTo(503);
    assertThat(second.refused().detail()).contains("max_transactions: 1");
    assertThat(TestFields.of(second.refused().headers()).first("retry-after")).isEqualTo("1");
    story.frontAnswers(200).pass(50);
    InboundProbe third = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    story.pass(5);
    assertThat(third.forwarded).isNotNull();
  }

  @Test
  void shouldTakeNothingNewWhenDrainingAndFinishWhatRuns() {
    // Given
    story.begin().callBank();

    // When
    story.front.engine().drain();
    story.pass(0);
    InboundProbe next = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    story.bankAnswers(200).frontAnswers(200).pass(50);

    // Then
    assertThat(next.refused().status()).isEqualTo(503);
    assertThat(story.front.engine().readiness().ready()).isFalse();
    assertThat(story.outcome()).isEqualTo("committed");
  }

  @Test
  void shouldNotBeginWhenBegunCannotBeWritten() {
    // Given
    story.front.store().refuse(true);

    // When
    InboundProbe client = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    story.pass(5);

    // Then
    assertThat(client.forwarded).isNull();
    assertThat(client.refused().status()).isEqualTo(503);
    assertThat(TestFields.of(client.refused().headers()).first("tx-outcome")).isEqualTo("aborted");
    story.assertSettled();
  }

  @Test
  void shouldWaitForAStoreThatIsOverloadedWithADecision() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().refuse(true);
    story.frontAnswers(200).pass(100);
    assertThat(story.client().answers()).isZero();

    // When
    story.front.store().refuse(false);
    story.pass(100);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
  }

  @Test
  void shouldRetryConfirmUntilTheServiceTakesItT21() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 0;
    story.frontAnswers(200).pass(3_000);
    int tries = story.bank.completions.size();
    assertThat(tries).isGreaterThan(3);

    // When
    story.bank.completionStatus = 429;
    story.pass(10_000);
    story.bank.completionStatus = 200;
    story.pass(12_000);

    // Then
    assertThat(story.bank.completions).hasSizeGreaterThan(tries);
    story.assertSettled();
  }

  @Test
  void shouldTellAHazardThatIsKnownBeforeTheResponseT21() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 410;

    // When
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(500);
    assertThat(story.client().replaced().service()).isEqualTo("bank");
    assertThat(TestFields.of(story.client().replaced().headers()).first("tx-outcome"))
        .isEqualTo("unknown");
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isEqualTo(1);
    assertThat(story.bank.completions).as("not retried for ever").hasSize(1);
    assertThat(story.front.show(story.tx()).orElseThrow().summary().detail()).contains("410");
    story.pass(12_000);
    assertThat(story.bank.list().inFlight()).as("stays until forgotten").hasSize(1);
    assertThat(story.bank.forget(story.tx()).status()).isEqualTo(Status.DONE);
    story.assertSettled();
  }

  @Test
  void shouldTakeAnUndoThatFindsNothingForDoneT21() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 404;
    story.front.completionStatus = 410;

    // When
    story.frontAnswers(500).pass(100);

    // Then
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    assertThat(story.front.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    story.assertSettled();
  }
}
