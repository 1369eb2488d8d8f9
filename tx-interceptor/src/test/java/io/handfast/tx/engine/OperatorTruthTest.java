package io.handfast.tx.engine;

import static io.handfast.tx.operator.TransactionCommands.Decision.ABORT;
import static io.handfast.tx.operator.TransactionCommands.Decision.COMMIT;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Standing;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.Vote;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.operator.TransactionCommands.Status;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.port.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an operator decided against what is said later: the truth, or a question (§6, T21). */
class OperatorTruthTest {
  private static final String HEURISTIC = "handfast.tx.heuristic";
  private final Story story = new Story();
  private final Control control = new Control(story);
  private String tx = "";
  private long branch;

  /** The bank is in doubt: it voted yes, and hears of nothing. */
  private void inDoubt(int frontAnswers) {
    story.mesh.loses = (kind, item) -> !kind.equals("vote");
    story.begin().callBank().bankAnswers(200).frontAnswers(frontAnswers).pass(60_000);
    isInDoubt();
  }

  /** The same under THREE_PHASE: the front aborted, and kept nothing of it. */
  private void inDoubtUnderThreePhase() {
    story.boundary = Policies.threePhase();
    story.front.store().refuse(Record::hasPreCommit);
    story.mesh.loses = (kind, item) -> !kind.equals("vote") && !kind.equals("prepare");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(100);
    story.bank.restart(); // so that it may have missed something, and does not end it alone
    story.pass(60_000);
    isInDoubt();
  }

  private void isInDoubt() {
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    tx = story.tx();
    branch = control.branch();
  }

  private void resolve(Decision decision) {
    assertThat(story.bank.resolve(tx, decision).status()).isEqualTo(Status.DONE);
    story.pass(20);
  }

  private void heal() {
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);
  }

  private String stateAtBank() {
    return story.bank.show(tx).orElseThrow().branches().getLast().state();
  }

  private String detailAtBank() {
    return story.bank.show(tx).orElseThrow().summary().detail();
  }

  private void restartBehindACheckpoint() {
    story.bank.store().wantsCheckpoint = true;
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(1_000);
    assertThat(story.bank.store().checkpoints).isPositive();
    story.bank.restart();
    story.pass(20_000);
  }

  @Test
  void shouldFindAMixedOutcomeOfWhatItsServiceRefusedToDoT21() {
    // Given: decided to commit, and the service does not confirm
    inDoubt(500);
    story.bank.completionStatus = 422;
    resolve(COMMIT);
    assertThat(stateAtBank()).isEqualTo("hazard");
    assertThat(story.bank.count(HEURISTIC, "kind", "hazard")).isEqualTo(1);

    // When: it hears that it was aborted
    heal();

    // Then
    assertThat(stateAtBank()).isEqualTo("heuristic-mixed");
    assertThat(detailAtBank())
        .contains("hazard", "422", "the transaction was aborted", "committed by ops");
    assertThat(story.bank.count(HEURISTIC, "kind", "mixed")).isEqualTo(1);
    story.bank.completionStatus = 200;
    restartBehindACheckpoint();
    assertThat(stateAtBank()).isEqualTo("heuristic-mixed");
    assertThat(story.bank.count(HEURISTIC, "kind", "mixed")).as("found once").isZero();
  }

  @Test
  void shouldConfirmTheDecisionOfAHazardAndKeepTheHazardT21() {
    // Given
    inDoubt(200);
    story.bank.completionStatus = 422;
    resolve(COMMIT);

    // When: it is told that it was right
    heal();

    // Then: its service has not done it all the same
    assertThat(stateAtBank()).isEqualTo("hazard");
    assertThat(detailAtBank())
        .contains("hazard", "422", "the transaction was committed", "committed by ops");
    assertThat(story.bank.count(HEURISTIC, "kind", "mixed")).isZero();
    assertThat(told(Outcome.COMMIT)).isEqualTo(Acknowledgement.HAZARD);
    assertThat(story.front.list().inFlight()).as("it has been told").isEmpty();

    // When
    story.bank.completionStatus = 200;
    restartBehindACheckpoint();

    // Then: the truth is known, so nobody is asked
    assertThat(stateAtBank()).isEqualTo("hazard");
    assertThat(detailAtBank()).contains("the transaction was committed");
    assertThat(story.bank.count("handfast.tx.inquiries")).isZero();
  }

  @Test
  void shouldSayThatItWasDoneOtherwiseThoughSomebodyForgetsItAtThatMomentT21() {
    // Given: rolled back, and the transaction committed
    inDoubt(200);
    resolve(ABORT);

    // When: the outcome comes while the operator's word is being forced
    var forgotten = story.bank.engine().forget(tx, Sidecar.GROUND).toCompletableFuture();
    List<OutcomeResult> said = new ArrayList<>();
    story
        .bank
        .engine()
        .control()
        .onOutcome(
            control.self(),
            new Peer.Proved(Set.of(Mesh.identity("front"))),
            Control.item(requireNonNull(TxId.parse(tx)), branch, Outcome.COMMIT, "j.bank"),
            said::add);
    story.pass(100);

    // Then
    assertThat(forgotten.join().status()).isEqualTo(Status.DONE);
    assertThat(said)
        .extracting(OutcomeResult::getAcknowledgement)
        .containsExactly(Acknowledgement.HAZARD);
  }

  @Test
  void shouldAskNobodyForARepairOfWhatAgreesT21() {
    // Given
    inDoubt(200);
    resolve(COMMIT);

    // When
    heal();

    // Then
    assertThat(story.bank.show(tx).orElseThrow().branches().getLast().waitsFor()).isEmpty();
  }

  @Test
  void shouldNotTakeAbsenceForTheTruthUnderThreePhaseT13() {
    // Given
    inDoubtUnderThreePhase();
    resolve(COMMIT);

    // When: its decider answers, and holds nothing
    heal();

    // Then
    assertThat(stateAtBank()).isEqualTo("heuristic-commit");
    story.bank.restart();
    story.pass(20_000);
    assertThat(stateAtBank()).isEqualTo("heuristic-commit");
    assertThat(story.bank.count("handfast.tx.inquiries")).isPositive();
    assertThat(story.bank.count(HEURISTIC, "kind", "mixed")).isZero();
  }

  @Test
  void shouldNotTellOthersWhatAnOperatorGuessedT21() {
    // Given
    inDoubtUnderThreePhase();
    assertThat(standing()).isEqualTo(Standing.STANDS_AWAY_READY);

    // When: it is carried out, over, over after a restart, and forgotten
    story.bank.completionStatus = 503;
    resolve(COMMIT);
    assertThat(standing()).isEqualTo(Standing.STANDS_UNKNOWN);
    story.bank.completionStatus = 200;
    story.pass(20_000);

    // Then
    assertThat(stateAtBank()).isEqualTo("heuristic-commit");
    assertThat(standing()).isEqualTo(Standing.STANDS_UNKNOWN);
    story.bank.restart();
    assertThat(standing()).isEqualTo(Standing.STANDS_UNKNOWN);
    assertThat(story.bank.forget(tx).status()).isEqualTo(Status.DONE);
    assertThat(standing()).isEqualTo(Standing.STANDS_UNKNOWN);
  }

  @Test
  void shouldTakePartAgainWhenAnOperatorsWordIsNotTaken() {
    // Given
    inDoubtUnderThreePhase();
    story.bank.store().refuse(Record::hasResolved);

    // When
    var pending = story.bank.engine().resolve(tx, ABORT, Sidecar.GROUND).toCompletableFuture();
    story.pass(20_000);

    // Then: as one that may have missed something
    assertThat(pending.join().status()).isEqualTo(Status.FAILED);
    assertThat(standing()).isEqualTo(Standing.STANDS_AWAY_READY);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
  }

  private Standing standing() {
    List<TerminateResult> results = new ArrayList<>();
    story
        .bank
        .engine()
        .control()
        .onTerminate(
            control.self(),
            TerminateItem.newBuilder()
                .setTxId(txId())
                .setBranchId(branch)
                .setDecider("j.front")
                .setStoreId("j.bank")
                .build(),
            results::add);
    story.pass(0);
    return results.getFirst().getStanding();
  }

  private ByteString txId() {
    return Messages.bytes(requireNonNull(TxId.parse(tx)));
  }

  private Acknowledgement told(Outcome outcome) {
    return control
        .tell(story.bank, requireNonNull(TxId.parse(tx)), branch, outcome, "j.bank")
        .getAcknowledgement();
  }

  @Test
  void shouldNotPromiseWhatAnOperatorAbortsT21() {
    // Given: the coordinator has not heard the promise
    inDoubt(200);
    story.bank.store().freeze();
    var pending = story.bank.engine().resolve(tx, ABORT, Sidecar.GROUND).toCompletableFuture();
    story.pass(1);

    // When / Then
    assertThat(prepare()).isEqualTo(Vote.ASK);
    story.bank.store().thaw();
    story.pass(100);
    assertThat(pending).isDone();
    assertThat(prepare()).isEqualTo(Vote.VOTE_ABORT);
  }

  @Test
  void shouldPromiseAgainWhatAnOperatorHasCommittedT21() {
    // Given
    inDoubt(200);
    resolve(COMMIT);

    // When / Then: over, and over after a restart
    assertThat(prepare()).isEqualTo(Vote.PREPARED);
    story.bank.restart();
    story.pass(0);
    assertThat(prepare()).isEqualTo(Vote.PREPARED);
  }

  private Vote prepare() {
    List<PrepareResult> results = new ArrayList<>();
    story
        .bank
        .engine()
        .control()
        .onPrepare(
            control.self(),
            new Peer.Proved(Set.of(Mesh.identity("front"))),
            PrepareItem.newBuilder()
                .setTxId(txId())
                .setBranchId(branch)
                .setDecider("j.front")
                .setStoreId("j.bank")
                .build(),
            results::add);
    story.pass(600);
    return results.getFirst().getVote();
  }

  @Test
  void shouldShowADoubtBeforeWhatIsKeptOfTheSameTransaction() {
    // Given: two branches at the bank, of which one gets in doubt when the other is over
    story.mesh.loses = (kind, item) -> !kind.equals("vote");
    story.begin().callBank().bankAnswers(200);
    story.callBank().bankAnswers(200).frontAnswers(200).pass(60_000);
    isInDoubtTwice();
    story.bank.completionStatus = 422;

    // When: one of them is told, and its service refuses
    told(Outcome.COMMIT);
    story.pass(100);

    // Then
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(story.bank.list().inFlight().getFirst().state()).isEqualTo("in-doubt");
    assertThat(list("in-doubt").inFlight()).hasSize(1);
    assertThat(story.bank.show(tx).orElseThrow().branches())
        .extracting(it -> it.state())
        .containsExactlyInAnyOrder("in-doubt", "hazard");
  }

  private void isInDoubtTwice() {
    assertThat(story.bank.list().inDoubt()).isEqualTo(2);
    tx = story.tx();
    branch = control.branch();
  }

  private TransactionList list(String state) {
    var stage =
        story.bank.engine().list(new TransactionFilter(state, Duration.ZERO)).toCompletableFuture();
    story.pass(0);
    return stage.join();
  }
}
