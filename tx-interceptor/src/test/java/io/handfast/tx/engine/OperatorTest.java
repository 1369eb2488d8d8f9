package io.handfast.tx.engine;

import static io.handfast.tx.operator.TransactionCommands.Decision.ABORT;
import static io.handfast.tx.operator.TransactionCommands.Decision.COMMIT;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Outcome;
import io.handfast.tx.core.TxId;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.operator.TransactionCommands.Result;
import io.handfast.tx.operator.TransactionCommands.Status;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import org.junit.jupiter.api.Test;

/** What operators decide, and what becomes of it when the truth arrives (§6, T21). */
class OperatorTest {
  private static final String HEURISTIC = "handfast.tx.heuristic";
  private static final Acknowledgement HAZARD = Acknowledgement.HAZARD;
  private final Story story = new Story();
  private final Control control = new Control(story);
  private String tx = "";
  private long branch;

  /** The bank is in doubt: it voted yes, and hears of nothing. */
  private void inDoubt(int frontAnswers) {
    story.mesh.loses = (kind, item) -> !kind.equals("vote");
    story.begin().callBank().bankAnswers(200).frontAnswers(frontAnswers).pass(60_000);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(story.bank.list().inFlight().getFirst().state()).isEqualTo("in-doubt");
    tx = story.tx();
    branch = control.branch();
  }

  private Result resolve(Sidecar at, String tx, Decision decision) {
    Result result = at.resolve(tx, decision);
    story.pass(20);
    return result;
  }

  private String stateAtBank() {
    BranchView branch = story.bank.show(tx).orElseThrow().branches().getLast();
    return branch.state();
  }

  @Test
  void shouldEndTheDoubtAndComeToRestWhenTheTruthAgreesT21() {
    // Given
    inDoubt(200);

    // When
    Result result = resolve(story.bank, tx, COMMIT);

    // Then
    assertThat(result.status()).isEqualTo(Status.DONE);
    assertThat(result.branches()).hasSize(1);
    assertThat(story.bank.list().inDoubt()).isZero();
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(stateAtBank()).isEqualTo("heuristic-commit");
    assertThat(story.bank.list().inFlight().getFirst().state()).isEqualTo("heuristic-commit");
    assertThat(story.bank.list().inFlight().getFirst().detail()).contains("ops", "disk is lost");
    assertThat(story.bank.count(HEURISTIC, "kind", "commit")).isEqualTo(1);

    // When
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);

    // Then
    story.assertSettled();
    assertThat(story.bank.completions).hasSize(1);
    assertThat(story.bank.count(HEURISTIC, "kind", "mixed")).isZero();
    assertThat(story.bank.show(tx).orElseThrow().summary().outcome()).isEqualTo("committed");
  }

  @Test
  void shouldFindAMixedOutcomeWhenItIsToldAnotherT21() {
    // Given
    inDoubt(200);
    resolve(story.bank, tx, ABORT);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));

    // When
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);

    // Then: nothing is overwritten, both sides show it, and it is counted once
    assertThat(story.bank.completions).hasSize(1);
    assertThat(stateAtBank()).isEqualTo("heuristic-mixed");
    assertThat(story.bank.count(HEURISTIC, "kind", "rollback")).isEqualTo(1);
    assertThat(story.bank.count(HEURISTIC, "kind", "mixed")).isEqualTo(1);
    assertThat(story.front.count(HEURISTIC, "kind", "hazard")).isEqualTo(1);
    assertThat(story.front.list().inFlight()).isEmpty();
    assertThat(
            control
                .tell(story.bank, control.tx(), branch, Outcome.COMMIT, "j.bank")
                .getAcknowledgement())
        .isEqualTo(HAZARD);
  }

  @Test
  void shouldFindAMixedOutcomeWhenItAsksT21() {
    // Given: the transaction was aborted, and nobody tells it any more
    inDoubt(500);
    resolve(story.bank, tx, COMMIT);

    // When
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.pass(20_000);

    // Then
    assertThat(stateAtBank()).isEqualTo("heuristic-mixed");
    assertThat(story.bank.completions).hasSize(1);
    assertThat(story.bank.show(tx).orElseThrow().summary().outcome()).isEqualTo("aborted");
    assertThat(story.bank.show(tx).orElseThrow().summary().detail())
        .contains("aborted", "committed by ops", "disk is lost");
  }

  @Test
  void shouldRecordTheDecisionBeforeItIsCarriedOut() {
    // Given
    inDoubt(200);
    story.bank.store().freeze();

    // When
    var pending = story.bank.engine().resolve(tx, ABORT, Sidecar.GROUND).toCompletableFuture();
    story.pass(2_000);

    // Then
    assertThat(pending).isNotDone();
    assertThat(story.bank.completions).isEmpty();
    story.bank.restart();
    story.pass(2_000);
    assertThat(story.bank.completions).as("it was never recorded").isEmpty();
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
  }

  @Test
  void shouldCarryItOutAfterARestartWhenItWasRecorded() {
    // Given: the service is down
    inDoubt(200);
    story.bank.completionStatus = 503;
    resolve(story.bank, tx, ABORT);

    // When
    story.bank.restart();
    story.bank.completionStatus = 200;
    story.bank.completions.clear();
    story.pass(60_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(stateAtBank()).isEqualTo("heuristic-rollback");
  }

  @Test
  void shouldStayInDoubtWhenTheDecisionCannotBeRecorded() {
    // Given
    inDoubt(200);
    story.bank.store().refuse(true);

    // When
    var pending = story.bank.engine().resolve(tx, ABORT, Sidecar.GROUND).toCompletableFuture();
    story.pass(20_000);

    // Then
    assertThat(pending.join().status()).isEqualTo(Status.FAILED);
    story.bank.store().refuse(false);
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldNotCommitWhileTheTryOfAFormerLifeMayRunT17() {
    // Given: all that it needs is in BEGUN, so that the branch may have voted
    story.mesh.loses = (kind, item) -> true;
    story.begin().callBank().pass(1_000);
    tx = story.tx();
    story.bank.restart();
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);

    // When / Then: a Try that comes after its confirm would stay for ever
    Result early = resolve(story.bank, tx, COMMIT);
    assertThat(early.status()).isEqualTo(Status.REFUSED);
    assertThat(early.message()).contains("may be tried still");
    story.pass(Policies.TRY_TIMEOUT.toMillis() + 1);
    assertThat(resolve(story.bank, tx, COMMIT).status()).isEqualTo(Status.DONE);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
  }

  @Test
  void shouldRefuseWhatIsNotInDoubtHere() {
    // Given
    inDoubt(200);

    // When / Then
    assertThat(resolve(story.front, tx, ABORT).message()).contains("coordinated here");
    assertThat(resolve(story.bank, "0".repeat(31) + "1", ABORT).status()).isEqualTo(Status.UNKNOWN);
    resolve(story.bank, tx, COMMIT);
    assertThat(resolve(story.bank, tx, ABORT).status()).isEqualTo(Status.REFUSED);
    assertThat(story.bank.completions).hasSize(1);
  }

  @Test
  void shouldKeepAMixedOutcomeOverRestartsAndCheckpointsUntilForgottenT21() {
    // Given
    inDoubt(200);
    resolve(story.bank, tx, ABORT);
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);

    // When
    restartBehindACheckpoint(story.bank);
    story.pass(4_000_000);

    // Then
    assertThat(stateAtBank()).isEqualTo("heuristic-mixed");
    assertThat(story.bank.list().inFlight()).hasSize(1);
    assertThat(story.bank.gauge("handfast.tx.heuristic.kept")).isEqualTo(1);

    // When
    assertThat(story.bank.forget(tx).status()).isEqualTo(Status.DONE);

    // Then
    assertThat(story.bank.list().inFlight()).isEmpty();
    restartBehindACheckpoint(story.bank);
    assertThat(story.bank.list().inFlight()).isEmpty();
    assertThat(told(Outcome.COMMIT)).as("what was done is not forgotten").isEqualTo(HAZARD);
    assertThat(told(Outcome.ABORT)).isEqualTo(Acknowledgement.DONE);
  }

  private Acknowledgement told(Outcome outcome) {
    return control
        .tell(story.bank, requireNonNull(TxId.parse(tx)), branch, outcome, "j.bank")
        .getAcknowledgement();
  }

  private void restartBehindACheckpoint(Sidecar sidecar) {
    sidecar.store().wantsCheckpoint = true;
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(1_000);
    assertThat(sidecar.store().checkpoints).isPositive();
    sidecar.restart();
    story.pass(0);
  }

  @Test
  void shouldKeepAHazardOverRestartsUntilForgottenT21() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 410;
    story.frontAnswers(200).pass(50);
    tx = story.tx();
    branch = control.branch();

    // When: longer than ended branches are remembered
    story.bank.completionStatus = 200;
    restartBehindACheckpoint(story.bank);
    story.pass(4_000_000);

    // Then
    assertThat(stateAtBank()).isEqualTo("hazard");
    assertThat(told(Outcome.COMMIT)).isEqualTo(HAZARD);
    assertThat(story.bank.forget(tx).status()).isEqualTo(Status.DONE);
    assertThat(story.bank.forget(tx).status()).isEqualTo(Status.REFUSED);
    restartBehindACheckpoint(story.bank);
    story.pass(4_000_000);
    assertThat(told(Outcome.COMMIT)).as("never done, whoever forgets it").isEqualTo(HAZARD);
    story.assertSettled();
  }

  @Test
  void shouldAnswerCommittedForADecisionThatAnOperatorHasForgottenT13() {
    // Given: the bank is gone for good, it seems
    inDoubt(200);
    assertThat(story.front.list().inFlight().getFirst().state()).isEqualTo("committing");
    assertThat(story.front.show(tx).orElseThrow().awaited())
        .hasSize(1)
        .allMatch(it -> it.contains("bank:15014"));

    // When
    assertThat(story.front.forget(tx).status()).isEqualTo(Status.DONE);
    assertThat(story.front.list().inFlight()).isEmpty();
    restartBehindACheckpoint(story.front);

    // Then: it comes back, and is told what was decided
    story.mesh.loses = (kind, item) -> false;
    story.pass(60_000);
    assertThat(story.bank.completions).isNotEmpty().allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldCommitTheBranchesOfAForgottenDecisionAfterARestartT13() {
    // Given: the boundary's own service does not confirm, and somebody forgets what is owed
    story.front.completionStatus = 503;
    inDoubt(200);
    assertThat(story.front.forget(tx).status()).isEqualTo(Status.DONE);

    // When
    story.front.completionStatus = 200;
    story.front.completions.clear();
    story.front.restart();
    story.mesh.loses = (kind, item) -> false;
    story.pass(60_000);

    // Then: it asks the store that it is kept in, which must not answer from absence
    assertThat(story.front.completions).isNotEmpty().allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldNotTakeAbortedForTheTruthOfARestoredBranchT13() {
    // Given: resolved, and then the bank's disk is lost and comes back from a backup
    inDoubt(200);
    resolve(story.bank, tx, ABORT);
    MemoryStore.Disk backup = story.bank.disk().restored("bank-2");
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);
    assertThat(stateAtBank()).isEqualTo("heuristic-mixed");

    // When: its decider has forgotten that it committed
    story.bank.restoreFrom(backup);
    story.pass(60_000);

    // Then
    assertThat(stateAtBank()).isEqualTo("heuristic-rollback");
    assertThat(story.bank.list().inFlight()).hasSize(1);
  }

  @Test
  void shouldNotForgetWhatIsInDoubt() {
    // Given
    inDoubt(200);

    // When / Then
    assertThat(story.bank.forget(tx).status()).isEqualTo(Status.REFUSED);
    assertThat(story.bank.forget("0".repeat(31) + "1").status()).isEqualTo(Status.UNKNOWN);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
  }
}
