package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.Peer;
import io.handfast.tx.resource.ReadOnlyResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ONE_PHASE: the only updating branch decides. The front reads, the bank updates. */
class OnePhaseTest {
  private final Story story = new Story();

  @BeforeEach
  void frontReads() {
    story.boundary = Policies.onePhase(ReadOnlyResource.INSTANCE);
  }

  private Story voted() {
    story.begin().callBank();
    assertThat(story.call().wire().first("tx-context")).endsWith(";c=one-phase");
    story.bankAnswers(200);
    assertThat(story.served().voteOrNull()).contains(";v=ask;");
    return story;
  }

  private long decisions(Sidecar sidecar) {
    return sidecar.disk().durable.stream().filter(Record::hasDecided).count();
  }

  private String told() {
    return String.valueOf(TestFields.of(story.client().replaced().headers()).first("tx-outcome"));
  }

  @Test
  void shouldLetTheOnlyUpdatingBranchDecide() {
    // When
    voted().frontAnswers(200).pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(decisions(story.bank)).isEqualTo(1);
    assertThat(story.front.store().forces()).as("0 forces at the coordinator").isZero();
    story.assertSettled();
  }

  @Test
  void shouldBeTwoPhaseWhenASecondBranchUpdates() {
    // Given
    story.boundary = Policies.onePhase(Policies.callback());

    // When
    voted().frontAnswers(200).pass(50);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.front.disk().durable).anyMatch(Record::hasDecision);
    assertThat(decisions(story.bank) + decisions(story.front)).isZero();
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldLetTheBoundarysOwnBranchDecideWhenItIsTheOnlyOne() {
    // Given
    story.boundary = Policies.onePhase(Policies.callback());

    // When
    story.begin().frontAnswers(200).pass(50);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(decisions(story.front)).isEqualTo(1);
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldSayUnknownAndNeverDeadlineWhenTheAnswerIsLost() {
    // Given
    story.mesh.losesReply = (kind, result) -> kind.equals("prepare");

    // When
    voted().frontAnswers(200).pass(2_500);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(503);
    assertThat(told()).isEqualTo("unknown");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.pass(60_000);
    story.assertSettled();
  }

  @Test
  void shouldSayTheSameAfterARestartWhenThereWasNothingToCommit() {
    // Given: the bank drops out
    story.bankMode = Policies.preparing();
    story.bank.prepareStatus = 204;
    voted().frontAnswers(200).pass(100);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(delegatedAgain()).isEqualTo(Answer.COMMITTED);

    // When
    story.bank.restart();

    // Then
    assertThat(delegatedAgain()).isEqualTo(Answer.COMMITTED);
    assertThat(story.bank.disk().durable)
        .filteredOn(Record::hasBranchEnded)
        .extracting(it -> it.getBranchEnded().getOutcome())
        .containsExactly(BranchOutcome.BRANCH_READ_ONLY);
  }

  /** What the bank answers when its first answer was lost. */
  private Answer delegatedAgain() {
    Control control = new Control(story);
    PrepareItem item =
        PrepareItem.newBuilder()
            .setTxId(Messages.bytes(control.tx()))
            .setBranchId(control.branch())
            .setDecider("j.front")
            .setStoreId("j.bank")
            .setDelegated(true)
            .build();
    List<PrepareResult> results = new ArrayList<>();
    story
        .bank
        .engine()
        .control()
        .onPrepare(
            control.self(), new Peer.Proved(Set.of(Mesh.identity("front"))), item, results::add);
    story.pass(0);
    return results.getFirst().getAnswer();
  }

  @Test
  void shouldAbortAloneWhenTheDelegationIsLost() {
    // Given
    story.mesh.loses = (kind, item) -> kind.equals("prepare");

    // When
    voted().frontAnswers(200).pass(2_500);

    // Then
    assertThat(told()).isEqualTo("unknown");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.pass(60_000);
    story.assertSettled();
  }

  @Test
  void shouldTellTheAbortWhenTheDecisionIsRefused() {
    // Given
    voted();
    story.bank.store().refuse(Record::hasDecided);

    // When
    story.frontAnswers(200).pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(decisions(story.bank)).isZero();
    story.pass(60_000);
    story.assertSettled();
  }

  @Test
  void shouldUndoWhenTheBankDiesBeforeItDecides() {
    // Given
    voted();

    // When
    story.bank.kill();
    story.frontAnswers(200).pass(100);
    story.bank.restart();
    story.pass(60_000);

    // Then
    assertThat(story.client().answers()).isEqualTo(1);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldConfirmWhenTheBankDiesAfterItsDecision() {
    // Given
    story.bank.completionStatus = 0;
    voted().frontAnswers(200).pass(50);
    assertThat(story.outcome()).isEqualTo("committed");

    // When
    story.bank.completions.clear();
    story.bank.completionStatus = 200;
    story.bank.restart();
    story.pass(1_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldNeedNothingOfTheCoordinatorOnceItHasDecided() {
    // Given
    story.mesh.losesReply = (kind, result) -> kind.equals("prepare");
    voted().frontAnswers(200).pass(20);

    // When
    story.front.kill();
    story.pass(5_000);
    story.front.restart();
    story.pass(20_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }
}
