package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.port.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is prepared is ended whoever dies, by whoever finds it (§8, T13 to T20). */
class BlockRecoveryTest {
  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;
  private final FakeDatabase database = bank.database;

  @Test
  void shouldCommitFromTheHandleAfterARestartT16() {
    // Given: all have voted, and the bank's sidecar dies
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.bank.kill();

    // When
    story.frontAnswers(201).pass(1_000);
    assertThat(database.prepared()).containsExactly(name);
    story.bank.restart();
    story.pass(6_000);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldAcknowledgeAfterARestartWhatWasCommittedBeforeT16() {
    // Given: COMMIT PREPARED is done, and nobody knows
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.mesh.losesReply = (kind, result) -> "outcome".equals(kind);
    story.frontAnswers(201).pass(50);
    assertThat(database.committed).containsExactly(name);

    // When
    story.bank.restart();
    story.mesh.losesReply = (kind, result) -> false;
    story.pass(12_000);

    // Then
    assertThat(story.front.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    bank.assertSettled();
  }

  @Test
  void shouldUndoWhatWasPreparedBeforeACrashAndNeverVotedT13() {
    // Given: the service has been answered COMMIT, and its sidecar dies
    bank.callBank();
    String name = bank.prepared();
    story.bank.kill();
    story.call().exchange().failed("connection reset", List.of());
    story.frontAnswers(500).pass(100);

    // When
    story.bank.restart();
    story.pass(200);

    // Then
    assertThat(database.rolledBack).containsExactly(name);
    assertThat(database.asked)
        .as("the name that was found, and no beginning")
        .containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldLeaveWhatIsPreparedWhileItsTransactionRunsT14() {
    bank.callBank();
    String name = bank.prepared();
    story.bank.restart();
    story.pass(1_000);
    assertThat(database.prepared()).containsExactly(name);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    story.pass(10_000);
    assertThat(database.rolledBack).as("its deadline has passed").containsExactly(name);
  }

  @Test
  void shouldFindWhatWasPreparedAfterTheScanOfARestart() {
    // Given: PREPARE takes long, and outlives the sidecar that sent it
    bank.callBank();
    BlockProbe block = bank.begin();
    String name = block.globalId();
    block.block().preparing(name);
    story.bank.kill();
    story.call().exchange().failed("connection reset", List.of());
    story.frontAnswers(500).pass(100);
    story.bank.restart();
    story.pass(500);

    // When
    database.prepare(name, 700);
    story.pass(30_000);

    // Then
    assertThat(database.rolledBack).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldCommitInThePlaceOfASidecarThatIsLostForGoodT16() {
    // Given
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.bank.kill();
    story.frontAnswers(201).pass(500);

    // When: another sidecar of the service is there
    Sidecar replica = replica();
    story.pass(30_000);

    // Then: and the coordinator stops telling the lost one
    assertThat(database.committed).containsExactly(name);
    assertThat(story.front.list().inFlight()).isEmpty();
    assertThat(replica.list().inFlight()).isEmpty();
  }

  @Test
  void shouldCommitWhenAnotherNameOfTheDatabaseFindsItFirstT14() {
    // Given: two names are configured for one server, and the bank dies with the decision made
    database.names = Set.of("audit", "bank");
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.bank.kill();
    story.frontAnswers(201).pass(500);

    // When: the scan of the other name is the first
    story.bank.restart();
    story.pass(12_000);

    // Then
    assertThat(database.rolledBack).isEmpty();
    assertThat(database.committed).containsExactly(name);
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    bank.assertSettled();
  }

  @Test
  void shouldCommitInThePlaceOfALostSidecarThatCalledTheDatabaseOtherwiseT16() {
    // Given
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.bank.kill();
    story.frontAnswers(201).pass(500);

    // When
    database.names = Set.of("ledger");
    replica();
    story.pass(30_000);

    // Then: and the coordinator stops telling the lost one
    assertThat(database.committed).containsExactly(name);
    assertThat(story.front.list().inFlight()).isEmpty();
  }

  @Test
  void shouldDropAnAbortedThatIsStaleT15() {
    // Given: a replica has found what the bank has prepared, and does not hear the coordinator
    bank.callBank();
    String name = bank.prepared();
    Sidecar replica = replica();
    story.mesh.loses =
        (kind, item) ->
            item instanceof InquireItem asked && asked.getParticipant().startsWith("bank-2");
    story.pass(100);
    assertThat(replica.list().inDoubt()).isEqualTo(1);

    // When: the bank commits, the coordinator forgets, and then answers from absence
    story.bankAnswers(200).frontAnswers(201).pass(100);
    assertThat(database.committed).containsExactly(name);
    story.mesh.loses = (kind, item) -> false;
    story.pass(8_000);

    // Then
    assertThat(replica.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    assertThat(replica.list().inDoubt()).isZero();
    bank.assertSettled();
  }

  @Test
  void shouldCallNothingAHazardWhenCommitComesBehindAStaleAbortedT15() {
    // Given: another sidecar has committed for the bank, and the coordinator has forgotten
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.mesh.loses =
        (kind, item) ->
            "outcome".equals(kind)
                || (item instanceof InquireItem asked
                    && asked.getParticipant().startsWith("bank:"));
    replica();
    story.frontAnswers(201).pass(30_000);
    assertThat(database.committed).containsExactly(name);
    assertThat(story.front.list().inFlight()).isEmpty();

    // When: the bank is answered from absence, and a COMMIT of before comes late
    database.down = true;
    story.mesh.loses = (kind, item) -> false;
    story.pass(6_000);
    OutcomeResult told = tell(name, "front", "front");

    // Then
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.WORKING);
    database.down = false;
    story.pass(10_000);
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    bank.assertSettled();
  }

  @Test
  void shouldTellADecisionAgainAfterTheCoordinatorsCrash() {
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.mesh.loses = (kind, item) -> "outcome".equals(kind);
    story.frontAnswers(201).pass(50);
    story.front.restart();
    story.mesh.loses = (kind, item) -> false;
    story.pass(6_000);
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldAskWhenTheCoordinatorHasForgottenTheAbortT15() {
    // Given: nobody hears anybody
    bank.callBank();
    String name = bank.prepared();
    story.mesh.loses = (kind, item) -> true;
    story.bankAnswers(200);
    story.front.restart();
    story.pass(2_500);
    assertThat(database.prepared()).containsExactly(name);

    // When
    story.mesh.loses = (kind, item) -> false;
    story.pass(8_000);

    // Then
    assertThat(database.rolledBack).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldBelieveNobodyButTheDeciderThatTheNameSaysT20() {
    // Given: the bank has restarted, and knows nothing but what its database holds
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.bank.restart();

    // When
    OutcomeResult told = tell(name, "front", "thief");
    story.pass(100);

    // Then
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(database.prepared()).containsExactly(name);
    assertThat(story.bank.count("handfast.tx.outcome.refused")).isPositive();
    assertThat(tell(name, "front", "front").getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(database.committed).containsExactly(name);
  }

  @Test
  void shouldBelieveNobodyAboutWhatNoScanShowsT20() {
    // Given: so much is prepared that a scan does not show it
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    database.hides = true;
    story.bank.restart();

    // When
    OutcomeResult told = tell(name, "front", "thief");
    story.pass(100);

    // Then
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.WORKING);
    assertThat(database.prepared()).containsExactly(name);
    database.hides = false;
    assertThat(tell(name, "front", "thief").getAcknowledgement())
        .isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(tell(name, "front", "front").getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(database.committed).containsExactly(name);
  }

  @Test
  void shouldKeepInDoubtWhatAScanThatIsFullDoesNotShowT13() {
    // Given: found after a restart, and its decider is not reached
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.mesh.loses = (kind, item) -> true;
    story.bank.restart();
    story.pass(1_000);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);

    // When: older ones fill the scans
    database.hides = true;
    database.full = true;
    story.pass(25_000);

    // Then
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(database.prepared()).containsExactly(name);

    // When: a whole one does not show it, for somebody at psql has ended it
    database.rollbackByHand(name);
    database.full = false;
    story.pass(25_000);

    // Then
    assertThat(story.bank.list().inDoubt()).isZero();
  }

  @Test
  void shouldNotAcknowledgeForADatabaseThatIsNotConfigured() {
    OutcomeItem item =
        Control.item(Control.STRANGE, 7, Outcome.COMMIT, "j.bank").toBuilder()
            .setHandle("ledger/1.700")
            .build();
    OutcomeResult told = told(item, "front");
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(told.getDetail()).contains("ledger/1.700");
  }

  @Test
  void shouldLeaveWhatAnotherMeshHasPrepared() {
    // Given
    GlobalId strange =
        GlobalId.of(
            TxId.of(1, 2, 3),
            new BranchId(9),
            1,
            4,
            new Decider(new StoreId("j.other"), new Authority("other", 15014), null));
    database.prepare(strange.toString(), 4);
    database.prepare("somebody's own", 5);

    // When
    story.pass(120_000);

    // Then
    assertThat(database.prepared()).containsExactly(strange.toString(), "somebody's own");
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);

    // When: its own mesh ends it
    database.rollbackByHand(strange.toString());
    story.pass(15_000);

    // Then
    assertThat(story.bank.list().inFlight()).isEmpty();
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
  }

  @Test
  void shouldAnswerInquiriesByHandleT14() {
    // Given
    bank.callBank();
    GlobalId name = requireNonNull(GlobalId.parse(bank.prepared()));
    assertThat(inquire(name, name.handle("bank")).getAnswer())
        .isEqualTo(io.handfast.transaction.v1.Answer.PENDING);
    story.bankAnswers(200);
    story.mesh.loses = (kind, item) -> "outcome".equals(kind);

    // When
    story.frontAnswers(201).pass(50);

    // Then
    assertThat(inquire(name, name.handle("bank")).getAnswer())
        .isEqualTo(io.handfast.transaction.v1.Answer.COMMITTED);
    assertThat(inquire(name, new BlockHandle("bank", 2, 701)).getAnswer())
        .isEqualTo(io.handfast.transaction.v1.Answer.ABORTED);
  }

  @Test
  void shouldKeepWhatAnOperatorHasDecidedOverARestart() {
    // Given: in doubt, and the coordinator is gone
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.front.kill();
    story.pass(3_000);

    // When
    database.down = true;
    story.bank.resolve(story.tx(), Decision.COMMIT);
    story.pass(100);
    story.bank.restart();
    database.down = false;
    story.pass(6_000);

    // Then
    assertThat(database.committed).containsExactly(name);
    assertThat(story.bank.list().inFlight()).as("its truth is not known").hasSize(1);
  }

  @Test
  void shouldEndItsOwnBlocksWithoutAMessageWhenItIsTheBoundary() {
    // Given
    story.boundary = Policies.boundary(io.handfast.tx.resource.DatabaseResource.INSTANCE);
    story.client = story.bank.inbound(story.boundary, false, "POST", "/orders", TestFields.of());
    story.pass(2);
    BlockProbe block =
        bank.begin(
            new io.handfast.tx.interceptor.SqlBlockCall.Name.Branch(
                DatabaseStory.identity(story.client())));
    String name = block.commit();
    story.pass(1);
    int messages = story.mesh.messages;

    // When
    story.frontAnswers(201).pass(50);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    assertThat(story.mesh.messages).isEqualTo(messages);
    bank.assertSettled();
  }

  @Test
  void shouldCommitItsOwnBlocksAfterACrashBehindTheDecision() {
    // Given
    story.boundary = Policies.boundary(io.handfast.tx.resource.DatabaseResource.INSTANCE);
    story.client = story.bank.inbound(story.boundary, false, "POST", "/orders", TestFields.of());
    story.pass(2);
    BlockProbe block =
        bank.begin(
            new io.handfast.tx.interceptor.SqlBlockCall.Name.Branch(
                DatabaseStory.identity(story.client())));
    String name = block.commit();
    database.down = true;
    story.frontAnswers(201).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");

    // When
    story.bank.restart();
    database.down = false;
    story.pass(30_000);

    // Then
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldRefuseAnAuthorityThatNoNameHasRoomFor() {
    EngineConfig plain = EngineConfig.of("bank", new Authority("b".repeat(120), 15014));
    assertThatThrownBy(() -> story.bank.configure(plain))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("authority: bbb")
        .hasMessageContaining("expected: at most");
  }

  private Sidecar replica() {
    Sidecar made = story.mesh.sidecar("bank-2");
    EngineConfig plain = EngineConfig.of("bank", made.authority());
    made.configure(
        new EngineConfig(
            "bank",
            made.authority(),
            plain.limits(),
            plain.retention(),
            Duration.ZERO,
            () -> Optional.of(Mesh.identity("bank-2")),
            Optional.empty()));
    return made;
  }

  private InquireResult inquire(GlobalId name, BlockHandle handle) {
    List<InquireResult> results = new ArrayList<>();
    story
        .front
        .engine()
        .control()
        .onInquire(
            story.bank.engine().control().self(),
            InquireItem.newBuilder()
                .setTxId(Messages.bytes(name.tx()))
                .setBranchId(name.branch().bits())
                .setDecider("j.front")
                .setParticipant("bank-9:15014")
                .setHandle(handle.toString())
                .build(),
            results::add);
    story.pass(0);
    return results.getFirst();
  }

  private OutcomeResult tell(String name, String decider, String by) {
    GlobalId id = requireNonNull(GlobalId.parse(name));
    return told(
        OutcomeItem.newBuilder()
            .setTxId(Messages.bytes(id.tx()))
            .setBranchId(id.branch().bits())
            .setOutcome(Outcome.COMMIT)
            .setDecider("j." + decider)
            .setStoreId("j.bank")
            .setHandle(id.handle("bank").toString())
            .build(),
        by);
  }

  private OutcomeResult told(OutcomeItem item, String by) {
    List<OutcomeResult> results = new ArrayList<>();
    story
        .bank
        .engine()
        .control()
        .onOutcome(
            story.front.engine().control().self(),
            new Peer.Proved(Set.of(Mesh.identity(by))),
            item,
            results::add);
    story.pass(50);
    return results.getFirst();
  }
}
