package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.operator.TransactionCommands.Decision;
import java.util.List;
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
}
