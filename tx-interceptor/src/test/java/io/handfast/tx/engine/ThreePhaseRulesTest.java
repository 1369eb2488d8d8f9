package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Standing;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.operator.TransactionCommands.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of THREE_PHASE: what nobody may presume, and who is taken for dead when. */
class ThreePhaseRulesTest {
  private final Story story = new Story();
  private final Control control = new Control(story);

  @BeforeEach
  void frontUpdates() {
    story.boundary = Policies.threePhase();
  }

  private Story voted() {
    return story.begin().callBank().bankAnswers(200);
  }

  private static boolean isPreCommit(Object item) {
    return item instanceof TerminateItem question && question.getPreCommit();
  }

  private static void assertCompleted(Sidecar sidecar, String how) {
    assertThat(sidecar.completions)
        .as(sidecar.name())
        .isNotEmpty()
        .allMatch(it -> it.contains("/" + how + "/"));
  }

  /** The front dies when both know that all have promised, before its decision is durable. */
  private void bothKnowAndNobodyDecides() {
    story.front.store().refuse(this::freezesAtTheDecision);
    voted().frontAnswers(200).pass(50);
    List.of(story.front, story.bank)
        .forEach(it -> assertThat(it.disk().durable).anyMatch(Record::hasPreCommitted));
    story.front.kill();
    story.bank.kill();
  }

  private boolean freezesAtTheDecision(Record record) {
    if (record.hasDecision()) {
      story.front.store().freeze();
    }
    return false;
  }

  @ParameterizedTest
  @ValueSource(strings = {"front", "bank"})
  void shouldDecideNothingWhereItComesFromABackupT13(String restored) {
    // Given: all have been away, and one of them may have ended since the backup was made
    bothKnowAndNobodyDecides();
    Sidecar old = restored.equals("front") ? story.front : story.bank;
    Sidecar other = restored.equals("front") ? story.bank : story.front;

    // When
    old.restoreFrom(old.disk().restored(restored + "-2"));
    other.restart();
    story.pass(120_000);

    // Then: in doubt, visibly
    assertThat(story.front.completions).isEmpty();
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(story.front.list().inFlight()).isNotEmpty();
  }

  @Test
  void shouldDecideWhenAllHaveBeenAwayAndNoneIsFromABackupT13() {
    // Given
    bothKnowAndNobodyDecides();

    // When
    story.front.restart();
    story.bank.restart();
    story.pass(30_000);

    // Then
    assertCompleted(story.front, "confirm");
    assertCompleted(story.bank, "confirm");
    story.assertSettled();
  }

  /** The bank has promised, and nobody has told it more. */
  private void promised() {
    story.mesh.loses = (kind, item) -> !kind.equals("vote") && !kind.equals("prepare");
    voted().frontAnswers(200).pass(50);
    assertThat(standing(false, 0)).isEqualTo(Standing.STANDS_READY);
  }

  /** Somebody at the front's address asks the bank, or for its pre-commit. */
  private Standing standing(boolean preCommit, long elector) {
    List<TerminateResult> results = new ArrayList<>();
    story
        .bank
        .engine()
        .control()
        .onTerminate(
            story.front.engine().control().self(),
            TerminateItem.newBuilder()
                .setTxId(Messages.bytes(control.tx()))
                .setBranchId(control.branch())
                .setDecider("j.front")
                .setStoreId("j.bank")
                .setPreCommit(preCommit)
                .setElector(elector)
                .build(),
            results::add);
    story.pass(20);
    return results.getFirst().getStanding();
  }

  private long root() {
    return story.bank.disk().durable.stream()
        .filter(Record::hasPrepared)
        .flatMap(it -> it.getPrepared().getMembersList().stream())
        .mapToLong(it -> it.getBranchId())
        .filter(it -> it != control.branch())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldPreCommitForNobodyElseOnceAMemberHasCountedItsPromise() {
    // Given
    promised();

    // When
    assertThat(standing(false, root())).isEqualTo(Standing.STANDS_READY);

    // Then: what the coordinator asked for before it died comes too late
    assertThat(standing(true, 0)).isEqualTo(Standing.STANDS_READY);
    assertThat(standing(true, root())).isEqualTo(Standing.STANDS_PRE_COMMITTED);
  }

  @Test
  void shouldPreCommitForTheCoordinatorThoughAStrangerSaysThatItCounts() {
    // Given
    promised();

    // When
    assertThat(standing(false, 99)).isEqualTo(Standing.STANDS_READY);

    // Then
    assertThat(standing(true, 0)).isEqualTo(Standing.STANDS_PRE_COMMITTED);
  }

  @Test
  void shouldEndItWhenASidecarIsReplacedThatDoesNotSayThatItElects() {
    // Given: a member has counted, and an older one asks for the pre-commit as members did then
    promised();
    standing(false, root());
    for (int i = 0; i < 3; i++) {
      assertThat(standing(true, 0)).isEqualTo(Standing.STANDS_READY);
    }
    assertThat(story.bank.list().inDoubt()).as("visibly").isEqualTo(1);
    assertThat(story.bank.completions).isEmpty();

    // When
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(60_000);

    // Then: it has been away, and the others decide
    assertCompleted(story.bank, "cancel");
    assertCompleted(story.front, "cancel");
    story.assertSettled();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldSayWhoCountsUnlessItHasBeenAway(boolean away) {
    // Given
    promised();
    long root = root();
    List<Long> electors = new ArrayList<>();
    story.mesh.loses =
        (kind, item) -> {
          if (item instanceof TerminateItem question && question.getBranchId() == root) {
            electors.add(question.getElector());
          }
          return true;
        };

    // When: neither the coordinator nor the boundary's branch can be heard
    if (away) {
      story.bank.restart();
    }
    story.pass(30_000);

    // Then
    assertThat(electors).contains(0L);
    assertThat(electors.contains(control.branch())).isEqualTo(!away);
  }

  private Answer inquires() {
    List<InquireResult> results = new ArrayList<>();
    story
        .front
        .engine()
        .control()
        .onInquire(
            control.self(),
            InquireItem.newBuilder()
                .setTxId(Messages.bytes(control.tx()))
                .setBranchId(control.branch())
                .setDecider("j.front")
                .setParticipant("bank:15014")
                .setThreePhase(true)
                .build(),
            results::add);
    story.pass(0);
    return results.getFirst().getAnswer();
  }

  @Test
  void shouldAnswerPendingWhileItPreCommitsAndNothingWhenItComesBackT14() {
    // Given: the bank is not told that all have promised
    story.mesh.loses = (kind, item) -> !kind.equals("prepare");
    voted().frontAnswers(200).pass(50);
    assertThat(story.front.disk().durable).anyMatch(Record::hasPreCommit);

    // When / Then
    assertThat(inquires()).isEqualTo(Answer.PENDING);
    story.front.restart();
    assertThat(inquires()).as("the members may have ended it").isEqualTo(Answer.NOT_MINE);
  }

  @Test
  void shouldSayNothingFromAbsenceT13() {
    // Given: it has committed, and everybody is done with it
    voted().frontAnswers(200).pass(10_000).assertSettled();

    // When / Then
    assertThat(inquires()).isEqualTo(Answer.NOT_MINE);
  }

  private TerminateResult asksToPreCommit(Sidecar at, long branch) {
    List<TerminateResult> results = new ArrayList<>();
    at.engine()
        .control()
        .onTerminate(
            control.self(),
            TerminateItem.newBuilder()
                .setTxId(Messages.bytes(control.tx()))
                .setBranchId(branch)
                .setDecider("j.front")
                .setStoreId("j." + at.name())
                .setPreCommit(true)
                .build(),
            results::add);
    story.pass(0);
    return results.isEmpty() ? TerminateResult.getDefaultInstance() : results.getFirst();
  }

  @Test
  void shouldAnswerItsClientThoughAStrangerAsksItsBranchToPreCommitT20() {
    // Given
    voted();
    String context = String.valueOf(story.client().service().first("tx-context"));
    long root = Long.parseUnsignedLong(context.substring(36, 52), 16);

    // When
    assertThat(asksToPreCommit(story.front, root).getStanding()).isEqualTo(Standing.STANDS_UNKNOWN);
    story.frontAnswers(200).pass(100);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertCompleted(story.bank, "confirm");
    story.pass(1_000).assertSettled();
  }

  @Test
  void shouldEndWithTheOthersWhenTheStoreDidNotTakeWhatAnOperatorDecidedT21() {
    // Given: the front has died, and nobody was told that all have promised
    story.front.store().refuse(this::freezesAtThePreCommit);
    voted().frontAnswers(200).pass(100);
    story.front.kill();

    // When
    story.bank.store().refuse(Record::hasResolved);
    var pending =
        story
            .bank
            .engine()
            .resolve(story.tx(), Decision.COMMIT, Sidecar.GROUND)
            .toCompletableFuture();
    story.pass(20_000);
    assertThat(pending.join().status()).isEqualTo(Status.FAILED);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    story.bank.store().refuse(false);
    story.front.restart();
    story.pass(60_000);

    // Then
    assertCompleted(story.bank, "cancel");
    assertCompleted(story.front, "cancel");
    story.assertSettled();
  }

  @Test
  void shouldEndARecordThatBecomesDurableAfterTheAbort() {
    // Given: it is still being forced when the deadline passes, and for longer than ABORT is told
    story.front.store().refuse(this::freezesAtThePreCommit);
    voted().frontAnswers(200).pass(60_000);
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertCompleted(story.bank, "cancel");

    // When
    story.front.store().thaw();
    story.pass(1_000);

    // Then: a restart finds nothing to ask anybody for
    assertThat(story.front.disk().durable)
        .extracting(Record::getKindCase)
        .containsSubsequence(Record.KindCase.PRE_COMMIT, Record.KindCase.ENDED);
    story.bank.kill();
    story.front.restart();
    assertThat(story.front.list().inFlight()).isEmpty();
  }

  private boolean freezesAtThePreCommit(Record record) {
    if (record.hasPreCommit()) {
      story.front.store().freeze();
    }
    return false;
  }

  @Test
  void shouldCommitWithoutABranchWhoseStoreIsGoneT13() {
    // Given: the bank has promised, and was not told that all have
    story.mesh.loses = (kind, item) -> isPreCommit(item);
    voted().frontAnswers(200).pass(50);
    assertThat(story.front.disk().durable).anyMatch(Record::hasPreCommitted);

    // When: its disk is lost, and a new one is in its place
    story.bank.restoreFrom(new MemoryStore.Disk("bank-2"));
    story.mesh.loses = (kind, item) -> false;
    story.pass(10_000);

    // Then: from the deadline on it is as one that has died
    assertThat(story.front.disk().durable).anyMatch(Record::hasDecision);
    assertCompleted(story.front, "confirm");
  }

  @Test
  void shouldTellWhoComesBackLateHowItEnded() {
    // Given: the bank has ended it without its coordinator, and much has happened there since
    story.front.store().refuse(this::freezesAtThePreCommit);
    voted().frontAnswers(200).pass(100);
    story.front.kill();
    story.pass(60_000);
    assertCompleted(story.bank, "cancel");
    story.pass(1_200_000);
    for (int branch = 1; branch <= 10; branch++) {
      control.tell(story.bank, Control.STRANGE, branch, Outcome.ABORT, "j.bank");
    }

    // When
    story.front.restart();
    story.pass(30_000);

    // Then
    assertCompleted(story.front, "cancel");
    story.assertSettled();
  }

  @Test
  void shouldTakeNobodyForDeadBeforeThreeQuestionsAndASecond() {
    // Given: the bank has promised, and the network parts
    List<Long> inquiries = new ArrayList<>();
    List<Long> inquiriesBefore = new ArrayList<>();
    List<Long> questions = new ArrayList<>();
    List<Long> preCommits = new ArrayList<>();
    story.mesh.loses =
        (kind, item) -> {
          long now = story.mesh.time.nowMs();
          if (kind.equals("inquire")) {
            inquiries.add(now);
          } else if (isPreCommit(item)) {
            preCommits.add(now);
          } else if (kind.equals("terminate")) {
            questions.add(now);
            inquiriesBefore.addAll(questions.size() == 1 ? inquiries : List.of());
          }
          return !kind.equals("prepare");
        };

    // When
    voted().frontAnswers(200);
    story.pass(12_000);

    // Then
    assertThat(story.bank.disk().durable).anyMatch(Record::hasWithdrawn);
    assertThat(inquiriesBefore).as("of the coordinator, before a member is asked").hasSize(3);
    assertSpaced(inquiriesBefore);
    assertThat(questions.size() % 3).isZero();
    for (int i = 0; i < questions.size(); i += 3) {
      assertSpaced(questions.subList(i, i + 3));
    }
    // And: the coordinator goes on without the bank, not sooner
    assertThat(story.front.disk().durable).anyMatch(Record::hasDecision);
    assertSpaced(preCommits.subList(0, 3));
  }

  private static void assertSpaced(List<Long> three) {
    assertThat(three.getLast() - three.getFirst()).isGreaterThanOrEqualTo(1_000);
  }

  private static Record promised(int n) {
    TxId tx = TxId.of(1_749_000_000_000L + n, n & 0xfff, n);
    Completion.Builder completion = Completion.newBuilder().setMethod("POST").setPath("/" + n);
    BranchPrepared.Builder prepared =
        BranchPrepared.newBuilder()
            .setConfirm(completion)
            .setCancel(completion)
            .setBranch(
                BranchRef.newBuilder()
                    .setTxId(Messages.bytes(tx))
                    .setBranchId(n + 2)
                    .setDecider("j.lost")
                    .setCoordinator("lost:15014")
                    .setIdentity(Mesh.identity("lost").name())
                    .setService("bank")
                    .setMode("callback")
                    .setParticipant("bank:15014"));
    for (Member member :
        List.of(
            new Member(new BranchId(1), new Authority("lost", 15014), new StoreId("j.lost")),
            new Member(new BranchId(n + 2), new Authority("bank", 15014), new StoreId("j.bank")))) {
      prepared.addMembers(Messages.recorded(member));
    }
    return Record.newBuilder().setTimeMs(1_749_000_000_000L + n).setPrepared(prepared).build();
  }

  @Test
  void shouldLetOthersAskWhileItWaitsToAskAgainT15() {
    // Given: more branches of one dead coordinator than may ask it at a time
    int many = 2 * Bounds.MAX_INQUIRIES;
    for (int n = 0; n < many; n++) {
      story.bank.disk().durable.add(promised(n));
    }
    List<Object> asked = new ArrayList<>();
    story.mesh.sidecar("lost");
    story.mesh.loses = (kind, item) -> item instanceof InquireItem question && asked.add(question);

    // When
    story.bank.restart();
    story.pass(400);

    // Then: nobody has been asked for a second time yet
    assertThat(asked).hasSize(many).doesNotHaveDuplicates();
    assertThat(story.bank.list().inDoubt()).isEqualTo(many);
  }
}
