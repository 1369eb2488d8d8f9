package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Forgotten;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.operator.TransactionCommands.Status;
import org.junit.jupiter.api.Test;

/** What stays for people is bounded, and never dropped (§6, T21). */
class KeptBoundTest {
  private final Story story = new Story();

  private static TxId tx(int n) {
    return TxId.of(1_750_000_000_000L + n, n & 0xfff, n);
  }

  private static Record hazard(int n) {
    return Record.newBuilder()
        .setBranchEnded(
            BranchEnded.newBuilder()
                .setTxId(Messages.bytes(tx(n)))
                .setBranchId(n + 1)
                .setOutcome(BranchOutcome.HEURISTIC_HAZARD)
                .setDetail("POST /confirm answered 422")
                .setParticipant("bank:15014")
                .setService("bank")
                .setMode("callback"))
        .build();
  }

  private static Record forgottenDecision(int n) {
    return Record.newBuilder()
        .setForgotten(
            Forgotten.newBuilder()
                .setDecision(
                    Decision.newBuilder()
                        .setTxId(Messages.bytes(tx(n)))
                        .addBranches(
                            DecidedBranch.newBuilder()
                                .setBranchId(n + 1)
                                .setParticipant("bank:15014")))
                .setBy("ops")
                .setReason("gone for good"))
        .build();
  }

  @Test
  void shouldTakeNoWorkThatCouldAddToTheHazardsWhenManyStayT21() {
    // Given
    for (int n = 0; n < Bounds.MAX_KEPT; n++) {
      story.bank.disk().durable.add(hazard(n));
    }
    story.bank.restart();
    story.begin();

    // When
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());
    InboundProbe refused =
        story.bank.inbound(Policies.participant(story.bankMode), "POST", "/reserve", call.wire());
    InboundProbe reads =
        story.bank.inbound(
            Policies.participant(null),
            "GET",
            "/balance",
            story.front.outbound(RoutePolicy.NONE, story.client().service()).wire());

    // Then
    assertThat(refused.refused().status()).isEqualTo(503);
    assertThat(refused.refused().type()).isEqualTo("limit-reached");
    assertThat(refused.refused().detail()).contains("10000 stay here", "tx forget");
    assertThat(story.bank.count("handfast.tx.refused", "reason", "kept")).isEqualTo(1);
    assertThat(reads.forwarded).as("what changes nothing cannot become one").isNotNull();
    assertThat(story.bank.gauge("handfast.tx.heuristic.kept")).isEqualTo(Bounds.MAX_KEPT);

    // When
    assertThat(story.bank.forget(tx(0).toString()).status()).isEqualTo(Status.DONE);

    // Then
    story.callBank();
  }

  @Test
  void shouldRefuseToForgetADecisionWhenSoManyAreT13() {
    // Given: the front owes the bank one more
    for (int n = 0; n < Bounds.MAX_FORGOTTEN; n++) {
      story.front.disk().durable.add(forgottenDecision(n));
    }
    story.front.restart();
    story.mesh.loses = (kind, item) -> kind.equals("outcome") || kind.equals("inquire");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(1_000);

    // When
    var result = story.front.forget(story.tx());

    // Then: it stays, and is told
    assertThat(result.status()).isEqualTo(Status.REFUSED);
    assertThat(result.message()).contains("10000", "expected: fewer");
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }
}
