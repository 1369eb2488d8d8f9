package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.TxId;
import io.handfast.tx.etcd.EtcdCluster;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.operator.TransactionCommands.Result;
import io.handfast.tx.operator.TransactionCommands.Status;
import io.handfast.tx.port.SharedStore.Found;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas finish on a real etcd what a pod left that is gone for good, its disk with it (T19). */
class EtcdTakeoverTest {
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  private static final Duration SECONDS = Duration.ofSeconds(20);
  @TempDir private static Path directory;
  private static EtcdCluster etcd;

  private EtcdMesh mesh;
  private EtcdPod front;
  private EtcdPod bank;

  @BeforeAll
  static void start() throws Exception {
    etcd = EtcdCluster.start(directory, 1);
  }

  @AfterAll
  static void stop() {
    if (etcd != null) {
      etcd.close();
    }
  }

  @BeforeEach
  void deploy() throws Exception {
    mesh = new EtcdMesh(etcd.endpoints(), "/takeover/" + PREFIXES.incrementAndGet());
    front = mesh.front;
    bank = mesh.bank;
  }

  @AfterEach
  void undeploy() {
    mesh.close();
  }

  @Test
  void shouldFinishWhatALostCoordinatorDecidedT19() throws Exception {
    // Given: the decision stands, nobody has been told, and the pod is gone
    EtcdPod replica = mesh.pod("front", "front-2");
    front.answersCompletions = false;
    mesh.network.losesOutcomes = true;
    EtcdMesh.Begun begun = mesh.prepared();
    TxId tx = begun.tx();
    begun.client().answered(200);
    Awaitility.await()
        .atMost(SECONDS)
        .until(() -> mesh.stands(replica, tx) instanceof Found.Committed);

    // When
    front.die();
    mesh.network.losesOutcomes = false;

    // Then
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(() -> {
          assertThat(bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
          assertThat(replica.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
          assertThat(mesh.stands(replica, tx)).isInstanceOf(Found.Nothing.class);
        });
    assertThat(replica.store.stats().claims()).isEqualTo(2);
  }

  @Test
  void shouldRefuseWhatAnOperatorSaysWhereTheStoreAnswersByItself() throws Exception {
    // Given: the decision stands, and nobody has been told
    front.answersCompletions = false;
    mesh.network.losesOutcomes = true;
    EtcdMesh.Begun begun = mesh.prepared();
    String tx = begun.tx().toString();
    begun.client().answered(200);
    front.await(() -> begun.client().released);

    // When
    Result forgotten = front.engine.forget(tx, Sidecar.GROUND).toCompletableFuture().join();
    Result resolved = resolve(bank, tx);

    // Then
    assertThat(forgotten.status()).isEqualTo(Status.REFUSED);
    assertThat(forgotten.message()).contains("is shared");
    assertThat(resolved.status()).isEqualTo(Status.REFUSED);
    mesh.network.losesOutcomes = false;
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(() ->
            assertThat(bank.completions).isNotEmpty().allMatch(it -> it.contains("/confirm/")));
  }

  private static Result resolve(EtcdPod at, String tx) {
    return at.engine.resolve(tx, Decision.ABORT, Sidecar.GROUND).toCompletableFuture().join();
  }

  @Test
  void shouldFinishTheBranchOfALostParticipantWhoseReplicasAreEquivalentT19() throws Exception {
    // Given
    EtcdPod replica = mesh.pod("bank", "bank-2");
    EtcdMesh.Begun begun = mesh.prepared();
    TxId tx = begun.tx();
    InboundProbe client = begun.client();

    // When
    bank.die();
    client.answered(200);

    // Then: the client is told, the replica confirms, the coordinator learns it from the store
    front.await(() -> client.released);
    assertThat(client.releasedField("tx-outcome")).isEqualTo("committed");
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(() -> {
          assertThat(replica.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
          assertThat(mesh.stands(front, tx)).isInstanceOf(Found.Nothing.class);
        });
    assertThat(bank.completions).isEmpty();
    assertThat(front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
  }

  @Test
  void shouldAbortAfterTheDeadlineWhenTheCoordinatorIsLostBeforeItsDecisionT19() throws Exception {
    // Given
    TxId tx = mesh.prepared().tx();

    // When: nobody is there to ask, and no replica of the front
    front.die();
    mesh.passDeadlines();

    // Then
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(
            () -> assertThat(bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/")));
    assertThat(mesh.stands(bank, tx)).isInstanceOf(Found.Aborted.class);
  }

  @Test
  void shouldDoNothingForABranchThatAReplicaHasEndedWhileItWasPausedT19() throws Exception {
    // Given: the bank's pod stands still after its vote, and another carries COMMIT out
    EtcdPod replica = mesh.pod("bank", "bank-2");
    EtcdMesh.Begun begun = mesh.prepared();
    TxId tx = begun.tx();
    CountDownLatch paused = new CountDownLatch(1);
    bank.pauseUntil(paused);
    mesh.network.losesOutcomes = true;
    begun.client().answered(200);
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(() -> {
          assertThat(replica.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
          assertThat(mesh.stands(front, tx)).isInstanceOf(Found.Nothing.class);
        });

    // When: it goes on, its deadline passed, and finds nothing in the store
    mesh.passDeadlines();
    paused.countDown();

    // Then: it gives the branch up, and cancels nothing
    Awaitility.await()
        .atMost(SECONDS)
        .until(
            () ->
                bank.engine
                    .show(tx.toString())
                    .toCompletableFuture()
                    .get()
                    .orElseThrow()
                    .toString(),
            it -> it.contains("taken over"));
    assertThat(bank.completions).isEmpty();
    assertThat(mesh.stands(front, tx)).isInstanceOf(Found.Nothing.class);
  }

  @Test
  void shouldLetTheBoundarysBranchAskWhenItsCoordinatorKnowsNoMoreT18() throws Exception {
    // Given: no answer to the decision, and then the lease is gone, and nothing stands
    EtcdMesh.Begun begun = mesh.prepared();
    front.losesLease = true;

    // When
    begun.client().answered(200);

    // Then: the client is told that nobody knows, and all branches end alike
    assertThat(front.await(() -> begun.client().replaced).status()).isEqualTo(503);
    mesh.passDeadlines();
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(() -> {
          assertThat(front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
          assertThat(bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
        });
    assertThat(mesh.stands(bank, begun.tx())).isInstanceOf(Found.Aborted.class);
  }
}
