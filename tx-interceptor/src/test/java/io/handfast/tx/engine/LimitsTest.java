package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Protocol;
import io.handfast.tx.engine.EngineConfig.Limits;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Boundary;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What one transaction, and all of them, may take: what is beyond is refused, and counted. */
class LimitsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Story story = new Story();

  @Test
  void shouldRefuseACallThatWouldBeOneBranchTooMany() {
    // Given: the boundary's own and one below it
    limit(story.front, new Limits(10, 2, 1 << 20, HOUR));
    story.begin().callBank().bankAnswers(200);

    // When
    OutboundProbe third = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // Then
    assertLimit(
        third.refused(), "max_branches: the transaction would have 3 (expected: at most 2)");
    assertThat(refused(story.front, "max-branches")).isEqualTo(1);
    story.frontAnswers(200).pass(60_000);
    assertThat(story.client().replaced().status()).as("a refused call dooms (T12)").isEqualTo(409);
    assertThat(story.client().replaced().detail()).contains("max_branches");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldCommitWithoutTheOptionalCallThatWouldBeTooMany() {
    // Given
    limit(story.front, new Limits(10, 2, 1 << 20, HOUR));
    story.begin().callBank().bankAnswers(200);

    // When
    OutboundProbe third = story.front.outbound(Sidecar.OPTIONAL, story.client().service());

    // Then
    assertLimit(third.refused(), "max_branches");
    story.frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");
    story.assertSettled();
  }

  @Test
  void shouldNotCommitMoreBranchesThanTheBoundaryAllows() {
    // Given: below the bank there is one more, which the boundary hears of with the bank's vote
    limit(story.front, new Limits(10, 2, 1 << 20, HOUR));
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
    story.bankAnswers(200);

    // When
    story.frontAnswers(200).pass(60_000);

    // Then
    assertLimit(
        story.client().replaced(),
        "max_branches: the transaction would have 3 (expected: at most 2)");
    assertThat(TestFields.of(story.client().replaced().headers()).first("tx-outcome"))
        .isEqualTo("aborted");
    assertThat(refused(story.front, "max-branches")).isEqualTo(1);
    for (Sidecar sidecar : story.mesh.sidecars.values()) {
      assertThat(sidecar.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    }
    story.assertSettled();
  }

  @Test
  void shouldRefuseARequestWhoseUndoTakesMoreBytesThanATransactionMay() {
    // Given
    limit(story.bank, new Limits(10, 9, 64, HOUR));
    story.bankMode = Policies.callback("/confirm/" + "c".repeat(100), "/cancel/{branch.id}");
    story.begin();
    story.call = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    InboundProbe served =
        story.bank.inbound(
            Policies.participant(story.bankMode), "POST", "/reserve", story.call().wire());

    // Then
    assertLimit(served.refused(), "max_bytes: confirm and cancel");
    assertThat(served.forwarded).isNull();
    assertThat(refused(story.bank, "max-bytes")).isEqualTo(1);
  }

  @Test
  void shouldAddUpTheBytesOfATransactionsBranchesAndForgetThemWithIt() {
    // Given: room for one branch, not for two
    limit(story.bank, new Limits(10, 9, 100, HOUR));
    story.begin().callBank();
    OutboundProbe second = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    InboundProbe served =
        story.bank.inbound(Policies.participant(story.bankMode), "POST", "/more", second.wire());

    // Then
    assertLimit(served.refused(), "max_bytes");
    second.exchange().failed("503", List.of());
    story.bankAnswers(200).frontAnswers(200).pass(60_000);
    story.assertSettled();
    Story next = story;
    next.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    assertThat(next.outcome()).isEqualTo("committed");
  }

  @Test
  void shouldUndoWhatTheAnswerMakesTooLarge() {
    // Given
    limit(story.front, new Limits(10, 9, 400, HOUR));
    story.boundary =
        Policies.boundary(
            Policies.callback("/confirm/{response.json/id}", "/cancel/{response.json/id}"));
    story.begin();

    // When
    story
        .client()
        .exchange()
        .answered(InboundProbe.answer(201, "{\"id\":\"" + "x".repeat(400) + "\"}"));
    story.pass(60_000);

    // Then
    assertLimit(story.client().replaced(), "max_bytes");
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel-lost/"));
    assertThat(refused(story.front, "max-bytes")).isEqualTo(1);
    story.assertSettled();
  }

  @Test
  void shouldTakeNoLongerThanOneTransactionMay() {
    // Given
    limit(story.front, new Limits(10, 9, 1 << 20, Duration.ofMillis(300)));

    // When
    story.begin().callBank().pass(310);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(story.front.count("handfast.tx.outcomes", "outcome", "aborted")).isEqualTo(1);
    story.pass(60_000);
    story.assertSettled();
  }

  @Test
  void shouldVoteNoInTimeWhateverTheCallersSidecarAllows() {
    // Given
    limit(story.bank, new Limits(10, 9, 1 << 20, Duration.ofMillis(300)));

    // When
    story.begin().callBank().pass(310);
    OutboundProbe late = story.bank.outbound(RoutePolicy.NONE, story.served().service());

    // Then
    assertThat(late.refused().status()).isIn(409, 504);
    story.bankAnswers(200).frontAnswers(200).pass(60_000);
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldCountACallThatComesWhenNoTimeIsLeft() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());
    String wire = requireNonNull(call.wire().first("tx-context"));
    TestFields late = TestFields.of("tx-context", wire.replaceAll(";t=\\d+", ";t=0"));

    // When
    InboundProbe served =
        story.bank.inbound(Policies.participant(story.bankMode), "POST", "/reserve", late);

    // Then
    assertThat(served.refused().status()).isEqualTo(504);
    assertThat(refused(story.bank, "deadline")).isEqualTo(1);
  }

  @Test
  void shouldBeginNothingBelowTheFloorOfPredictedSuccessUntilItIsBelievedAgain() {
    // Given: the bank says no, again and again
    story.boundary =
        new RoutePolicy(
            Propagation.REQUIRED,
            new Boundary(
                Policies.TIMEOUT, Duration.ZERO, 1 << 20, false, false, Protocol.TWO_PHASE, 0.6),
            Policies.callback(),
            false);
    int begun = 0;
    @Nullable InboundProbe refused = null;
    while (refused == null && begun < 100) {
      InboundProbe client =
          story.front.inbound(story.boundary, false, "POST", "/orders", TestFields.of());
      story.client = client;
      story.pass(2);
      if (client.forwarded == null) {
        refused = client;
      } else {
        begun++;
        story.callBank().bankAnswers(409).frontAnswers(200).pass(20);
      }
    }

    // Then
    assertThat(begun).isBetween(2, 20);
    assertLimit(requireNonNull(refused).refused(), "min_success_probability");
    assertThat(refused(story.front, "admission")).isEqualTo(1);
    assertThat(story.front.gauge("handfast.tx.success.probability")).isLessThan(0.6);
    story.pass(60_000);
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");
  }

  private static void limit(Sidecar sidecar, Limits limits) {
    EngineConfig plain = EngineConfig.of(sidecar.name(), sidecar.authority());
    sidecar.configure(
        new EngineConfig(
            sidecar.name(),
            plain.authority(),
            limits,
            plain.retention(),
            plain.traceQuarantine(),
            () -> Optional.of(Mesh.identity(sidecar.name())),
            Optional.empty()));
  }

  private static double refused(Sidecar sidecar, String reason) {
    return sidecar.count("handfast.tx.refused", "reason", reason);
  }

  private static void assertLimit(Problem problem, String detail) {
    assertThat(problem.status()).isEqualTo(503);
    assertThat(problem.type()).isEqualTo("limit-reached");
    assertThat(problem.detail()).contains(detail).contains("(expected: ");
    assertThat(TestFields.of(problem.headers()).first("retry-after")).isEqualTo("1");
  }
}
