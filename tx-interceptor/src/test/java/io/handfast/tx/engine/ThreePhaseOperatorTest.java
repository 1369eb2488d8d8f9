package io.handfast.tx.engine;

import static io.handfast.tx.operator.TransactionCommands.Decision.ABORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.operator.TransactionCommands.Status;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** THREE_PHASE, and what an operator may do beside the coordinator, when that has come back. */
class ThreePhaseOperatorTest {
  private final Story story = new Story();

  @BeforeEach
  void frontUpdates() {
    story.boundary = Policies.threePhase();
  }

  /** The others are gone; the front restarts, and its own branch has been away. */
  private void aloneAfterARestart() {
    story.mesh.loses = (kind, item) -> true;
    story.bank.kill();
    story.front.kill();
    story.front.restart();
    story.pass(60_000);
    assertThat(story.front.list().inDoubt()).isPositive();
  }

  @Test
  void shouldResolveBesideACoordinatorThatHoldsNothingT21() {
    // Given: both have promised, and it is nowhere written that all have
    story.front.store().refuse(Record::hasPreCommit);
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(100);
    aloneAfterARestart();
    assertThat(story.front.disk().durable).noneMatch(Record::hasPreCommit);

    // When
    var result = story.front.resolve(story.tx(), ABORT);

    // Then: nothing that is here contradicts it, and nothing will
    assertThat(result.message()).contains("decided to abort");
    assertThat(result.status()).isEqualTo(Status.DONE);
    story.pass(1_000);
    assertThat(story.front.completions).anyMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.list().inFlight())
        .singleElement()
        .extracting(it -> it.state())
        .isEqualTo("heuristic-rollback");

    // When: the bank is back, and an operator decides alike
    story.mesh.loses = (kind, item) -> false;
    story.bank.restart();
    story.pass(60_000);
    assertThat(story.bank.list().inDoubt()).as("a guess is no outcome").isEqualTo(1);
    assertThat(story.bank.resolve(story.tx(), ABORT).status()).isEqualTo(Status.DONE);
    story.pass(1_000);

    // Then
    assertThat(story.bank.completions).anyMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.forget(story.tx()).status()).isEqualTo(Status.DONE);
    assertThat(story.bank.forget(story.tx()).status()).isEqualTo(Status.DONE);
    story.assertSettled();
  }

  @Test
  void shouldRefuseBesideACoordinatorThatAsksTheBranches() {
    // Given: that all have promised is written, and the coordinator settles
    story.mesh.loses = (kind, item) -> kind.equals("terminate");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(100);
    assertThat(story.front.disk().durable).anyMatch(Record::hasPreCommit);
    aloneAfterARestart();

    // When
    var result = story.front.resolve(story.tx(), ABORT);

    // Then
    assertThat(result.status()).isEqualTo(Status.REFUSED);
    assertThat(result.message()).contains("coordinated here");
  }
}
