package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.operator.TransactionSummary;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Inquiry, acknowledgement and what a crash leaves: T13 to T18. */
class RecoveryRulesTest {
  private static final TxId STRANGE = TxId.of(1_750_000_000_000L, 5, 6);

  private final Story story = new Story();

  @Test
  void shouldAnswerAbortedFromAbsenceOnlyAsTheNamedDeciderT13() {
    // When
    InquireResult own = inquire(story.front, STRANGE, 7, "j.front");
    InquireResult other = inquire(story.front, STRANGE, 7, "j.another");

    // Then
    assertThat(own.getAnswer()).isEqualTo(Answer.ABORTED);
    assertThat(other.getAnswer()).isEqualTo(Answer.NOT_MINE);
  }

  @Test
  void shouldAnswerPendingWhileTheTransactionRunsT14() {
    // Given
    story.begin().callBank();
    TxId tx = tx();
    long branch = branch();

    // When
    InquireResult running = inquire(story.front, tx, branch, "j.front");
    story.bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(20);
    InquireResult deciding = inquire(story.front, tx, branch, "j.front");
    story.front.store().thaw();
    story.bank.completionStatus = 503;
    story.pass(20);
    InquireResult decided = inquire(story.front, tx, branch, "j.front");
    InquireResult notListed = inquire(story.front, tx, 99, "j.front");

    // Then
    assertThat(running.getAnswer()).isEqualTo(Answer.PENDING);
    assertThat(deciding.getAnswer()).isEqualTo(Answer.PENDING);
    assertThat(decided.getAnswer()).isEqualTo(Answer.COMMITTED);
    assertThat(notListed.getAnswer()).isEqualTo(Answer.ABORTED);
  }

  @Test
  void shouldAskFromItsDeadlineOnUntilItKnowsT15() {
    // Given
    List<String> asked = new ArrayList<>();
    story.mesh.loses =
        (kind, item) -> {
          if (kind.equals("inquire")) {
            asked.add(kind);
          }
          return !kind.equals("vote");
        };
    story.begin().callBank().bankAnswers(200).frontAnswers(200);

    // When
    story.pass(1_500);
    assertThat(asked).isEmpty();
    story.pass(30_000);

    // Then
    assertThat(asked).hasSizeGreaterThan(5);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(story.bank.completions).isEmpty();

    // When
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.pass(6_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.bank.list().inDoubt()).isZero();
  }

  @Test
  void shouldAskAfterARestartAndCarryTheOutcomeOutT15() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    story.bank.kill();
    story.frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");
    story.bank.restart();
    story.pass(100);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.pass(6_000);
    story.assertSettled();
  }

  @Test
  void shouldAcknowledgeOnlyWhenItsEndIsDurableT16() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.store().freeze();

    // When
    story.frontAnswers(200).pass(300);

    // Then
    assertThat(story.bank.completions).isNotEmpty();
    assertThat(story.front.list().inFlight()).hasSize(1);

    // When
    story.bank.store().thaw();
    story.pass(6_000);

    // Then
    story.assertSettled();
  }

  @Test
  void shouldAcknowledgeAtOnceWhenTheCoordinatorWaitsT16() {
    // When
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(6);

    // Then
    assertThat(story.client().answers()).isEqualTo(1);
  }

  @Test
  void shouldRideOnTheNextForceWhenNobodyWaitsT16() {
    // Given
    story.boundary = Policies.boundary(Policies.callback(), java.time.Duration.ZERO);

    // When
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(6);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.list().inFlight()).hasSize(1);
    story.pass(20);
    story.assertSettled();
  }

  @Test
  void shouldAcknowledgeAndRememberAbortOfABranchThatNeverRanT16() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());
    TestFields wire = call.wire();
    String context = String.valueOf(wire.first("tx-context"));
    long branch = Long.parseUnsignedLong(context.substring(36, 52), 16);

    // When
    OutcomeResult result = tell(story.bank, tx(), branch, Outcome.ABORT, "j.bank");
    InboundProbe late =
        story.bank.inbound(Policies.participant(Policies.callback()), "POST", "/", wire);

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(late.refused().status()).isEqualTo(409);
    assertThat(late.forwarded).isNull();
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.bank.disk().durable).isEmpty();
  }

  @Test
  void shouldAcknowledgeCommitOfABranchThatItDoesNotKnowT16() {
    // When
    OutcomeResult result = tell(story.bank, STRANGE, 7, Outcome.COMMIT, "j.bank");

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
  }

  @Test
  void shouldAnswerAnotherStoreWhenAnotherOneVotedT16() {
    // When
    OutcomeResult result = tell(story.bank, STRANGE, 7, Outcome.COMMIT, "j.gone");

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
  }

  @Test
  void shouldNotBelieveAnOutcomeThatIsNotTheDecidersT20() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    OutcomeItem forged =
        item(tx(), branch(), Outcome.COMMIT, "j.bank").toBuilder().setDecider("j.evil").build();
    OutcomeResult result = tell(story.bank, forged);

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(story.bank.completions).isEmpty();
  }

  @Test
  void shouldWaitForTheAnswerWhenAbortedWhileTheServiceWorksT17() {
    // Given
    story.begin().callBank();

    // When
    tell(story.bank, tx(), branch(), Outcome.ABORT, "j.bank");
    story.pass(100);
    assertThat(story.bank.completions).isEmpty();
    story.served().answered(200);
    story.pass(10);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.served().replaced().status()).isEqualTo(409);
  }

  @Test
  void shouldUndoWithoutAnAnswerOnceTheTryHasTimedOutT17() {
    // Given
    story.begin().callBank();

    // When
    tell(story.bank, tx(), branch(), Outcome.ABORT, "j.bank");
    story.pass(Policies.TRY_TIMEOUT.toMillis() - 200);
    assertThat(story.bank.completions).isEmpty();
    story.pass(400);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
  }

  @Test
  void shouldWaitForTheTrysTimeoutAnewAfterACrashT17() {
    // Given
    story.bankMode = Policies.callback("/c/{response.json/id}", "/x/{response.json/id}");
    story.begin().callBank().pass(1_000);

    // When
    story.bank.restart();
    story.pass(Policies.TRY_TIMEOUT.toMillis() - 100);
    assertThat(story.bank.completions).isEmpty();
    story.pass(200);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel-lost/"));
    assertThat(story.bank.list().inFlight()).isEmpty();
  }

  @Test
  void shouldAskBeforeItUndoesACompleteBegunAfterACrash() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    story.bank.restart();
    story.frontAnswers(200).pass(7_000);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).allMatch(it -> it.contains("/confirm/")).isNotEmpty();
    story.assertSettled();
  }

  @Test
  void shouldBeInDoubtWhenTheDecisionsWriteFailsT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);

    // When
    story.front.store().breakDown();
    story.pass(5);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(503);
    assertThat(TestFields.of(story.client().replaced().headers()).first("tx-outcome"))
        .isEqualTo("unknown");
    assertThat(inquire(story.front, tx(), branch(), "j.front").getAnswer())
        .isEqualTo(Answer.PENDING);
    assertThat(story.front.engine().readiness().ready()).isFalse();
    assertThat(story.bank.completions).isEmpty();
    InboundProbe next = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    assertThat(next.refused().status()).isEqualTo(503);
    assertThat(TestFields.of(next.refused().headers()).first("retry-after")).isEqualTo("1");
  }

  @Test
  void shouldCommitAfterARestartWhenTheDecisionProvesToBeThereT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);
    story.front.store().flush();
    story.front.store().breakDown();
    story.pass(5);

    // When
    story.front.restart();
    story.pass(200);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldAbortAfterARestartWhenTheDecisionProvesToBeGoneT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);
    story.front.store().breakDown();
    story.pass(5);

    // When
    story.front.restart();
    story.pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldTellTheDecisionAgainAfterARestart() {
    // Given
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");

    // When
    story.front.kill();
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(100);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldConfirmOnceMoreWhenTheEndWasNotDurableT16() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.store().freeze();
    story.frontAnswers(200).pass(50);
    assertThat(story.bank.completions).hasSize(1);

    // When
    story.bank.restart();
    story.pass(12_000);

    // Then
    assertThat(story.bank.completions).hasSize(2).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldGetDoneAgainWhenTheCoordinatorForgotWithoutARecord() {
    // Given
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(6);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.front.disk().durable).noneMatch(Record::hasEnded);

    // When
    story.front.restart();
    story.pass(100);

    // Then
    assertThat(story.bank.completions).as("confirmed once, acknowledged twice").hasSize(1);
    story.assertSettled();
    assertThat(story.front.disk().durable).anyMatch(Record::hasEnded);
  }

  @Test
  void shouldKeepWhatMattersWhenHistoryIsReplacedByACheckpoint() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.frontAnswers(200).pass(150);
    story.front.store().wantsCheckpoint = true;
    InboundProbe other = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    story.pass(20);
    assertThat(story.front.store().checkpoints).isEqualTo(1);
    assertThat(other.forwarded).isNotNull();

    // When
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.front.completions).filteredOn(it -> it.contains("/confirm/")).hasSize(1);
    story.assertSettled();
  }

  @Test
  void shouldFindItsDecisionUnderTheAddressItVotedWith() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.kill();
    story.frontAnswers(200).pass(150);

    // When
    story.bank.configure(
        EngineConfig.of("bank", new io.handfast.tx.core.Authority("bank-moved", 15014)));
    story.pass(100);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
  }

  @Test
  void shouldAskAtOnceWhenTheCallersSidecarKnowsNoSuchCall() {
    // Given
    story.begin().callBank();
    story.front.restart();

    // When
    story
        .served()
        .exchange()
        .answered(new io.handfast.tx.interceptor.StoredAnswer(200, List.of(), null, false));
    story.pass(50);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
  }

  @Test
  void shouldSayThatItKnowsNoSuchCallWhenAVoteIsLate() {
    // Given
    VoteItem item =
        VoteItem.newBuilder().setTxId(Messages.bytes(STRANGE)).setCallBranchId(9).build();
    List<VoteResult> results = new ArrayList<>();

    // When
    story.front.engine().control().onVote(self(), item, results::add);
    story.pass(0);

    // Then
    assertThat(results).hasSize(1).noneMatch(VoteResult::getKnown);
  }

  @Test
  void shouldShowWhatIsInDoubtAndWhatWasDecided() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    var during = story.bank.list();
    story.frontAnswers(200).pass(50);
    var after = story.bank.list();
    var detail = story.front.show(story.tx()).orElseThrow();

    // Then
    assertThat(during.inDoubt()).isEqualTo(1);
    assertThat(during.inFlight()).extracting(TransactionSummary::txId).containsExactly(story.tx());
    assertThat(after.recent()).extracting(TransactionSummary::outcome).containsExactly("committed");
    assertThat(detail.branches()).as("of one that has ended").hasSize(1);
    assertThat(detail.branches().getFirst().state()).isEqualTo("committed");
    assertThat(detail.branches().getFirst().vote()).isEqualTo("prepared");
    assertThat(detail.branches().getFirst().service()).isEqualTo("front");
    assertThat(detail.summary().role()).isEqualTo("coordinator");
    assertThat(detail.timeline())
        .extracting(it -> it.event())
        .contains("began", "decision durable");
  }

  private TxId tx() {
    return java.util.Objects.requireNonNull(TxId.parse(story.tx()));
  }

  private long branch() {
    String context = String.valueOf(story.call().wire().first("tx-context"));
    return Long.parseUnsignedLong(context.substring(36, 52), 16);
  }

  private io.handfast.transaction.v1.Sender self() {
    return story.bank.engine().control().self();
  }

  private InquireResult inquire(Sidecar at, TxId tx, long branch, String decider) {
    List<InquireResult> results = new ArrayList<>();
    at.engine()
        .control()
        .onInquire(
            self(),
            InquireItem.newBuilder()
                .setTxId(Messages.bytes(tx))
                .setBranchId(branch)
                .setDecider(decider)
                .setParticipant("bank:15014")
                .build(),
            results::add);
    story.pass(0);
    return results.getFirst();
  }

  private static OutcomeItem item(TxId tx, long branch, Outcome outcome, String store) {
    return OutcomeItem.newBuilder()
        .setTxId(Messages.bytes(tx))
        .setBranchId(new BranchId(branch).bits())
        .setOutcome(outcome)
        .setDecider("j.front")
        .setStoreId(store)
        .build();
  }

  private OutcomeResult tell(Sidecar at, TxId tx, long branch, Outcome outcome, String store) {
    return tell(at, item(tx, branch, outcome, store));
  }

  /** Tells, and waits for the answer as long as its patience lasts. */
  private OutcomeResult tell(Sidecar at, OutcomeItem item) {
    List<OutcomeResult> results = new ArrayList<>();
    at.engine().control().onOutcome(self(), item, results::add);
    story.pass(0);
    return results.isEmpty() ? OutcomeResult.getDefaultInstance() : results.getFirst();
  }
}
