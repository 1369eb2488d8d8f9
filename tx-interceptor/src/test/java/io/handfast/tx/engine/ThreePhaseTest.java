package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TerminateItem;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** THREE_PHASE: the front and the bank update, and either can end the transaction. */
class ThreePhaseTest {
  private final Story story = new Story();

  @BeforeEach
  void frontUpdates() {
    story.boundary = Policies.threePhase();
  }

  private Story voted() {
    story.begin().callBank();
    assertThat(story.call().wire().first("tx-context")).endsWith(";c=three-phase");
    story.bankAnswers(200);
    assertThat(story.served().voteOrNull()).contains(";v=ask;");
    return story;
  }

  private static void assertCompleted(Sidecar sidecar, String how) {
    assertThat(sidecar.completions)
        .as(sidecar.name())
        .isNotEmpty()
        .allMatch(it -> it.contains("/" + how + "/"));
  }

  private boolean losesPreCommits(String kind, Object item) {
    return kind.equals("terminate") && ((TerminateItem) item).getPreCommit();
  }

  @Test
  void shouldCommitInThreePhases() {
    // When
    voted().frontAnswers(200).pass(100);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertCompleted(story.front, "confirm");
    assertCompleted(story.bank, "confirm");
    assertThat(story.bank.disk().durable)
        .extracting(Record::getKindCase)
        .containsExactly(
            Record.KindCase.BEGUN,
            Record.KindCase.PREPARED,
            Record.KindCase.PRE_COMMITTED,
            Record.KindCase.BRANCH_ENDED);
    assertThat(story.bank.disk().durable.get(1).getPrepared().getMembersList()).hasSize(2);
    assertThat(story.front.disk().durable)
        .extracting(Record::getKindCase)
        .containsSubsequence(
            Record.KindCase.PREPARED,
            Record.KindCase.PRE_COMMIT,
            Record.KindCase.PRE_COMMITTED,
            Record.KindCase.DECISION);
    story.pass(1_000).assertSettled();
  }

  /** Two at the coordinator, three at each branch, and the root's branch is one. */
  @Test
  void shouldForceTwiceAtTheCoordinatorAndThreeTimesAtEachBranch() {
    // When: up to the decision, for what comes after it rides
    voted().frontAnswers(200);
    for (int i = 0; i < 100 && !hasDecided(); i++) {
      story.pass(1);
    }

    // Then
    assertThat(hasDecided()).isTrue();
    assertThat(story.front.store().forces()).isEqualTo(2 + 3);
    assertThat(story.bank.store().forces()).isEqualTo(3);
  }

  private boolean hasDecided() {
    return story.front.disk().durable.stream().anyMatch(Record::hasDecision);
  }

  @Test
  void shouldAbortWithoutItsCoordinatorWhenNobodyHasPreCommitted() {
    // Given
    story.front.store().refuse(Record::hasPreCommit);
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    voted().frontAnswers(200).pass(100);

    // When
    story.front.kill();
    story.pass(20_000);

    // Then
    assertCompleted(story.bank, "cancel");
    assertThat(story.bank.disk().durable).anyMatch(Record::hasWithdrawn);
    assertThat(story.bank.list().inDoubt()).isZero();
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(20_000);
    assertCompleted(story.front, "cancel");
    story.assertSettled();
  }

  @Test
  void shouldCommitWithoutItsCoordinatorWhenItHasPreCommitted() {
    // Given: both know, and nobody is told the decision
    story.front.store().refuse(Record::hasDecision);
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    voted().frontAnswers(200).pass(50);
    assertThat(story.bank.disk().durable).anyMatch(Record::hasPreCommitted);

    // When
    story.front.kill();
    story.pass(20_000);

    // Then
    assertCompleted(story.bank, "confirm");
    assertThat(story.bank.list().inDoubt()).isZero();
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(20_000);
    assertCompleted(story.front, "confirm");
    story.assertSettled();
  }

  @Test
  void shouldNotPresumeWhenItComesBackAndNobodyWasTold() {
    // Given: the front knows that all have promised, the bank does not
    story.mesh.loses = this::losesPreCommits;
    voted().frontAnswers(200).pass(50);
    assertThat(story.front.disk().durable).anyMatch(Record::hasPreCommit);

    // When: both come back
    story.front.kill();
    story.bank.restart();
    story.pass(10_000);
    assertThat(story.bank.completions).isEmpty();
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(30_000);

    // Then: one of them had pre-committed
    List<Sidecar> both = List.of(story.front, story.bank);
    both.forEach(sidecar -> assertCompleted(sidecar, "confirm"));
    story.assertSettled();
  }
}
