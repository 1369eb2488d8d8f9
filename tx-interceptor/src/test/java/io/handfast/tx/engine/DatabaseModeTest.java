package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Outcome;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.operator.TransactionDetail.TimelineEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The service's own COMMIT is its vote: blocks of SQL as branches (§5, §8). */
class DatabaseModeTest {
  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;
  private final FakeDatabase database = bank.database;

  @Test
  void shouldCommitWhatTheServiceHasCommittedWhenAllVoteYes() {
    // Given
    bank.callBank();
    BlockProbe block = bank.begin();
    int records = story.bank.disk().durable.size();

    // When
    String name = block.commit();
    story.pass(1);
    assertThat(database.prepared()).containsExactly(name);
    story.bankAnswers(200).frontAnswers(201).pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    assertThat(story.bank.disk().durable.size())
        .as("records of the participant")
        .isEqualTo(records);
    bank.assertSettled();
    assertThat(story.served().voteOrNull()).contains("m=database;h=bank/1.700");
  }

  @Test
  void shouldCompleteByTheWholeNameWhichCostsOneRoundTrip() {
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200).frontAnswers(201).pass(20);
    assertThat(database.asked).containsExactly(name);
  }

  @Test
  void shouldSayAllInTheNameOfWhatIsPrepared() {
    bank.callBank();
    TransactionIdentity service = bank.identity();
    BlockProbe block = bank.begin();
    GlobalId name = requireNonNull(GlobalId.parse(block.globalId()));
    assertThat(block.enlistment().branch()).isEqualTo(service.tx() + "-" + service.branch());
    assertThat(block.enlistment().traceId())
        .isEqualTo(requireNonNull(story.served().service().first("traceparent")).substring(3, 35));
    assertThat(block.enlistment().remainingMs()).isBetween(1_900L, 2_000L);
    assertThat(name.tx()).isEqualTo(service.tx());
    assertThat(name.branch()).isNotEqualTo(service.branch());
    assertThat(name.block()).isEqualTo(1);
    assertThat(name.decider()).hasToString("j.front");
    assertThat(name.authority()).hasToString("front:15014");
    assertThat(name.digest()).isEqualTo(GlobalId.digest(Mesh.identity("front")));
  }

  @Test
  void shouldHoldTheVoteWhileABlockIsOpenT11() {
    // Given
    bank.callBank();
    BlockProbe block = bank.begin();

    // When
    story.bankAnswers(200).frontAnswers(201).pass(20);
    assertThat(story.served().voteOrNull()).isNull();
    assertThat(story.client().answers()).isZero();
    String name = block.commit();
    story.pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldVoteNoAndSayWhyWhenTheServiceAnswersWithoutCommitT11() {
    // Given
    bank.callBank();
    BlockProbe block = bank.begin();

    // When
    story.bankAnswers(200).frontAnswers(201).pass(2_100);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.client().replaced().detail())
        .contains("block 1 of database bank (UPDATE accounts): no COMMIT by the deadline")
        .contains("the service answered without COMMIT");
    assertThat(requireNonNull(block.doomed).sqlState()).isEqualTo("40000");
    block.rollback();
    story.pass(40_000);
    bank.assertSettled();
  }

  @Test
  void shouldEndABlockThatIsOpenWhenItsServiceIsLateT11() {
    bank.callBank();
    BlockProbe block = bank.begin();
    story.pass(2_100);
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(requireNonNull(block.doomed).message()).contains("was aborted");
    assertThat(shown(timeline())).contains("no COMMIT by the deadline");
  }

  @Test
  void shouldCountEachBlockOfABranch() {
    bank.callBank();
    String first = bank.prepared();
    String second = bank.prepared();
    story.bankAnswers(200).frontAnswers(201).pass(20);
    assertThat(requireNonNull(GlobalId.parse(second)).block()).isEqualTo(2);
    assertThat(database.committed).containsExactlyInAnyOrder(first, second);
    bank.assertSettled();
  }

  @Test
  void shouldVoteReadOnlyWhenNothingWasWritten() {
    bank.callBank();
    bank.begin().block().readOnly();
    story.pass(1).bankAnswers(200).frontAnswers(201).pass(20);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.served().voteOrNull()).doesNotContain("v=prepared");
    assertThat(database.committed).isEmpty();
    bank.assertSettled();
  }

  @Test
  void shouldGoOnWhenTheServiceRollsABlockBackItself() {
    bank.callBank();
    bank.begin().rollback();
    String second = bank.prepared();
    story.bankAnswers(200).frontAnswers(201).pass(20);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(second);
  }

  @Test
  void shouldAbortWhenABlockFailsT12() {
    bank.callBank();
    String first = bank.prepared();
    bank.begin().block().failed("COMMIT was answered ROLLBACK, for a statement had failed");
    story.pass(5).bankAnswers(200).frontAnswers(201).pass(50);
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.client().replaced().detail())
        .contains("block 2 of database bank (UPDATE accounts): COMMIT was answered ROLLBACK");
    assertThat(database.rolledBack).containsExactly(first);
    bank.assertSettled();
  }

  @Test
  void shouldTellWhyABlockFailedWithTheAnswerWhichMayOvertakeTheVoteT12() {
    // Given
    bank.callBank();
    story.mesh.loses = (kind, item) -> kind.equals("vote");
    bank.begin().block().failed("PREPARE TRANSACTION was refused");

    // When
    story.pass(1).bankAnswers(200);
    story.mesh.loses = (kind, item) -> false;
    story.frontAnswers(201).pass(50);

    // Then
    assertThat(story.served().replaced().detail()).contains("PREPARE TRANSACTION was refused");
    assertThat(story.client().replaced().detail())
        .contains("block 1 of database bank (UPDATE accounts): PREPARE TRANSACTION was refused");
    bank.assertSettled();
  }

  @Test
  void shouldRollBackAtOnceWhatItsOwnBranchNeverVotedFor() {
    // Given: the boundary is not heard any more
    bank.callBank();
    String first = bank.prepared();
    story.front.kill();

    // When
    story.served().answered(500);
    story.pass(20);

    // Then
    assertThat(database.rolledBack).containsExactly(first);
    assertThat(database.prepared()).isEmpty();
  }

  @Test
  void shouldRollBackWhenAnotherBranchSaysNo() {
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200).frontAnswers(500).pass(20);
    assertThat(database.rolledBack).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldTellAnOpenBlockThatItsBranchWasAborted() {
    // Given
    bank.callBank();
    BlockProbe block = bank.begin();

    // When: the transaction has aborted, and COMMIT of the block is under way
    tellAbort();
    assertThat(requireNonNull(block.doomed).sqlState()).isEqualTo("40000");
    String name = block.commit();
    story.pass(20);

    // Then: it never voted, so it aborts alone
    assertThat(database.rolledBack).containsExactly(name);
    story.bankAnswers(200).pass(40_000);
    bank.assertSettled();
  }

  @Test
  void shouldTryAgainWhenTheAnswerOfTheDatabaseIsLost() {
    bank.callBank();
    String name = bank.prepared();
    database.losesReplies = 1;
    story.bankAnswers(200).frontAnswers(201).pass(500);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    bank.assertSettled();
  }

  @Test
  void shouldCommitWhenTheDatabaseIsBack() {
    bank.callBank();
    String name = bank.prepared();
    database.down = true;
    story.bankAnswers(200).frontAnswers(201).pass(3_000);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.prepared()).containsExactly(name);
    assertThat(waitsFor()).contains("database bank to commit bank/1.700, attempt");
    database.down = false;
    story.pass(6_000);
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldShowAHazardWhenSomebodyHasRolledItBackT21() {
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    database.rollbackByHand(name);
    story.frontAnswers(201).pass(50);
    assertThat(story.client().replaced().status()).isEqualTo(500);
    assertThat(story.client().replaced().detail())
        .contains("COMMIT PREPARED: pg_xact_status says aborted");
    assertThat(story.bank.list().inFlight()).hasSize(1);
    story.bank.restart();
    story.pass(100);
    assertThat(story.bank.list().inFlight()).as("kept over a restart").hasSize(1);
  }

  @Test
  void shouldRefuseABlockThatNamesABranchNotInFlightT5() {
    bank.callBank();
    TransactionIdentity known = bank.identity();
    TransactionIdentity forged = new TransactionIdentity(known.tx(), new BranchId(77), false);
    BlockProbe block = bank.begin(new SqlBlockCall.Name.Branch(forged));
    assertThat(requireNonNull(block.refused).sqlState()).isEqualTo("25000");
    assertThat(block.refused.message())
        .contains(known.tx() + "-000000000000004d is not in flight here");
  }

  @Test
  void shouldRefuseABlockOfABranchThatHasVotedT11() {
    bank.callBank();
    story.bankAnswers(200);
    BlockProbe late = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));
    assertThat(requireNonNull(late.refused).sqlState()).isEqualTo("25000");
  }

  @Test
  void shouldRefuseABlockOfABranchThatWasAborted() {
    bank.callBank();
    tellAbort();
    BlockProbe late = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));
    assertThat(requireNonNull(late.refused).sqlState()).isEqualTo("40000");
    assertThat(late.refused.message()).contains("the transaction was aborted");
  }

  @Test
  void shouldLetTheBlocksOfACallbackPass() {
    story.bankMode = Policies.callback();
    bank.callBank();
    BlockProbe block = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));
    assertThat(block.passes).isFalse();
  }

  @Test
  void shouldTakeABlockOfASafeMethodT11() {
    story.bankMode = io.handfast.tx.resource.ReadOnlyResource.INSTANCE;
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200).frontAnswers(201).pass(20);
    assertThat(database.committed).containsExactly(name);
  }

  @Test
  void shouldFindTheBranchByItsTraceT4() {
    // Given: a life that has had none before
    DatabaseStory one = new DatabaseStory();
    one.story.pass(16 * 60_000);
    one.callBank();
    String trace = requireNonNull(one.story.served().service().first("traceparent"));

    // When
    BlockProbe block = one.begin(new SqlBlockCall.Name.Trace(trace.substring(3, 35)));
    BlockProbe none = one.begin(new SqlBlockCall.Name.Trace("0".repeat(31) + "1"));

    // Then
    assertThat(block.isEnlisted()).isTrue();
    assertThat(none.passes).isTrue();
  }

  @Test
  void shouldRefuseABlockUnderThreePhase() {
    story.boundary = Policies.threePhase();
    bank.callBank();
    BlockProbe block = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));
    story.pass(5).bankAnswers(200).frontAnswers(201).pass(50);
    assertThat(requireNonNull(block.refused).sqlState()).isEqualTo("0A000");
    assertThat(block.refused.message()).contains("THREE_PHASE");
    assertThat(block.refused.hint()).contains("TWO_PHASE");
    assertThat(story.client().replaced().status()).isEqualTo(409);
  }

  @Test
  void shouldCommitByTwoPhaseWhatAsksForOne() {
    story.boundary = Policies.onePhase(io.handfast.tx.resource.ReadOnlyResource.INSTANCE);
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200).frontAnswers(201).pass(20);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldCountBlocksAmongTheBranchesOfATransaction() {
    EngineConfig plain = EngineConfig.of("bank", story.bank.authority());
    story.bank.configure(
        new EngineConfig(
            "bank",
            plain.authority(),
            new EngineConfig.Limits(100, 2, 1 << 20, java.time.Duration.ofHours(1)),
            plain.retention(),
            plain.traceQuarantine(),
            () -> java.util.Optional.of(Mesh.identity("bank")),
            java.util.Optional.empty()));
    bank.callBank();
    bank.begin();
    BlockProbe second = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));
    assertThat(requireNonNull(second.refused).message()).contains("max_branches");
  }

  @Test
  void shouldNameTheOtherBlockWhenALockIsNotGot() {
    bank.callBank();
    TransactionIdentity branch = bank.identity();
    bank.prepared();
    BlockProbe second = bank.begin();
    assertThat(second.block().lockNotGot())
        .containsExactly("block 1 of branch " + branch.tx() + "-" + branch.branch());
    assertThat(story.bank.count("handfast.tx.self.conflict")).isEqualTo(1);
    story.pass(1);
    assertThat(shown(timeline())).contains("self-conflict: a lock was not got that may be held");
  }

  @Test
  void shouldCountNoSelfConflictWhenOthersHoldTheLock() {
    bank.callBank();
    assertThat(bank.begin().block().lockNotGot()).isEmpty();
    assertThat(story.bank.count("handfast.tx.self.conflict")).isZero();
  }

  @Test
  void shouldShowBlocksAsBranches() {
    bank.callBank();
    BlockProbe open = bank.begin();
    BranchView called = shownBlock();
    assertThat(called.mode()).isEqualTo("database");
    assertThat(called.state()).isEqualTo("open");
    assertThat(called.waitsFor())
        .isEqualTo("COMMIT or ROLLBACK of block 1 of database bank (UPDATE accounts)");
    String name = open.commit();
    story.pass(1);
    BranchView prepared = shownBlock();
    assertThat(prepared.block()).isEqualTo("bank/1.700");
    assertThat(prepared.globalId()).isEqualTo(name);
    assertThat(prepared.state()).isEqualTo("in-doubt");
    assertThat(prepared.vote()).isEqualTo("prepared");
    assertThat(prepared.waitsFor())
        .contains("the outcome of bank/1.700, prepared in database bank, from j.front");
    assertThat(shown(timeline()))
        .contains("enlisted: block 1 of database bank (UPDATE accounts)")
        .contains("preparing: bank/1.700")
        .contains("prepared in resource");
  }

  @Test
  void shouldNotBeReadyWhileTheDatabaseCannotPrepare() {
    database.cannotPrepare = "max_prepared_transactions is 0";
    story.bank.restart();
    assertThat(story.bank.engine().readiness().ready()).isFalse();
    story.pass(10);
    assertThat(story.bank.engine().readiness().reason())
        .isEqualTo("database bank: max_prepared_transactions is 0");
    database.cannotPrepare = "";
    story.pass(12_000);
    assertThat(story.bank.engine().readiness().ready()).isTrue();
    assertThat(story.front.engine().readiness().ready()).isTrue();
  }

  @Test
  void shouldRefuseABlockBelowABlock() {
    bank.callBank();
    String name = bank.prepared();
    GlobalId id = requireNonNull(GlobalId.parse(name));
    BlockProbe forged =
        bank.begin(
            new SqlBlockCall.Name.Branch(new TransactionIdentity(id.tx(), id.branch(), false)));
    assertThat(requireNonNull(forged.refused).sqlState()).isEqualTo("25000");
  }

  private void tellAbort() {
    TransactionIdentity branch = bank.identity();
    new Control(story)
        .tell(story.bank, branch.tx(), branch.branch().bits(), Outcome.ABORT, "j.bank");
    story.pass(20);
  }

  private BranchView shownBlock() {
    return story.bank.show(story.tx()).orElseThrow().branches().stream()
        .filter(it -> !it.branchId().equals(bank.identity().branch().toString()))
        .findFirst()
        .orElseThrow();
  }

  private String waitsFor() {
    return story.bank.show(story.tx()).orElseThrow().branches().stream()
        .map(BranchView::waitsFor)
        .filter(it -> !it.isEmpty())
        .findFirst()
        .orElse("");
  }

  private List<TimelineEntry> timeline() {
    return story.bank.show(story.tx()).orElseThrow().timeline();
  }

  private static String shown(List<TimelineEntry> entries) {
    return entries.stream().map(TimelineEntry::event).toList().toString();
  }
}
