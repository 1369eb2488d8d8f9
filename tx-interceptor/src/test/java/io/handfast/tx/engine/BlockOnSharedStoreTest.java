package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.port.NoDatabases;
import io.handfast.tx.resource.DatabaseResource;
import io.handfast.tx.resource.ReadOnlyResource;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Blocks of SQL have no record in etcd: that none is there says nothing of them (T16, T19). */
class BlockOnSharedStoreTest {
  private final SharedMesh mesh = new SharedMesh();
  private final FakeDatabase database = new FakeDatabase(mesh.time);
  private SharedPod front;
  private SharedPod bank;
  private SharedMesh.Begun begun;
  private OutboundProbe call;
  private InboundProbe served;
  private String name;

  @BeforeEach
  void prepare() {
    mesh.databases =
        (pod, loop) -> pod.startsWith("bank") ? database.of(loop) : NoDatabases.INSTANCE;
    front = mesh.pod("front", "front-1");
    bank = mesh.pod("bank", "bank-1");
    begun = mesh.begin(front, ReadOnlyResource.INSTANCE);
    call = front.outbound(begun.service());
    served = bank.inbound(Policies.participant(DatabaseResource.INSTANCE), call.wire());
    BlockProbe block =
        BlockProbe.begin(
            database,
            bank.engine(),
            new SqlBlockCall.Name.Branch(DatabaseStory.identity(served)),
            bank.loop());
    mesh.pass(Duration.ofMillis(1));
    name = block.commit();
    served.answered(200);
    mesh.pass(Duration.ofMillis(1));
  }

  @Test
  void shouldCommitWithoutARecordOfTheBlock() {
    SharedMesh.succeed(begun, call, served);
    mesh.pass(Duration.ofMillis(50));
    assertThat(begun.client().releasedField("tx-outcome")).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    assertThat(front.list().inFlight()).isEmpty();
  }

  @Test
  void shouldTakeNoAbsentRecordForAnAcknowledgementT16() {
    // Given: the bank's sidecar is lost, and nothing stands of its block
    bank.kill();
    SharedMesh.succeed(begun, call, served);
    mesh.pass(Duration.ofSeconds(20));
    assertThat(database.prepared()).containsExactly(name);
    assertThat(front.list().inFlight()).hasSize(1);

    // When
    SharedPod replica = mesh.pod("bank", "bank-2");
    mesh.pass(Duration.ofSeconds(30));

    // Then
    assertThat(database.committed).containsExactly(name);
    assertThat(front.list().inFlight()).isEmpty();
    assertThat(replica.list().inFlight()).isEmpty();
  }

  @Test
  void shouldCommitWhatAReplicaFindsUnderAnotherNameOfTheDatabaseT14() {
    // Given: the decision stands in the store, and nobody lives who knows it
    bank.kill();
    SharedMesh.succeed(begun, call, served);
    mesh.pass(Duration.ofMillis(100));
    front.kill();

    // When
    database.names = Set.of("ledger");
    mesh.pod("bank", "bank-2");
    mesh.pass(Duration.ofSeconds(30));

    // Then
    assertThat(database.rolledBack).isEmpty();
    assertThat(database.committed).containsExactly(name);
  }

  @Test
  void shouldAbortAfterTheDeadlineWhenTheCoordinatorIsLostT19() {
    front.kill();
    front.expire();
    mesh.pass(SharedMesh.TIMEOUT.plusSeconds(10));
    assertThat(database.rolledBack).containsExactly(name);
    assertThat(bank.list().inDoubt()).isZero();
  }

  @Test
  void shouldKeepAHazardInTheStoreT21() {
    database.rollbackByHand(name);
    SharedMesh.succeed(begun, call, served);
    mesh.pass(Duration.ofMillis(100));
    assertThat(bank.list().inFlight()).hasSize(1);
    bank.restart();
    mesh.pass(Duration.ofSeconds(20));
    assertThat(bank.list().inFlight()).as("shown by the next life").hasSize(1);
  }
}
