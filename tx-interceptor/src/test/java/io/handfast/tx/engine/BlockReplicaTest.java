package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.OutcomeResult;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is prepared is ended by another sidecar too, or under another name of its database. */
class BlockReplicaTest {
  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;
  private final FakeDatabase database = bank.database;

  @Test
  void shouldCommitInThePlaceOfASidecarThatIsLostForGoodT16() {
    // Given
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.bank.kill();
    story.frontAnswers(201).pass(500);

    // When: another sidecar of the service is there
    Sidecar replica = bank.replica();
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
    bank.replica();
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
    Sidecar replica = bank.replica();
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
    bank.replica();
    story.frontAnswers(201).pass(30_000);
    assertThat(database.committed).containsExactly(name);
    assertThat(story.front.list().inFlight()).isEmpty();

    // When: the bank is answered from absence, and a COMMIT of before comes late
    database.down = true;
    story.mesh.loses = (kind, item) -> false;
    story.pass(6_000);
    OutcomeResult told = bank.tell(name, "front", "front");

    // Then
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.WORKING);
    database.down = false;
    story.pass(10_000);
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isZero();
    bank.assertSettled();
  }
}
