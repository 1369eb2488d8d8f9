package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Callback;
import io.handfast.transaction.v1.CallbackRequest;
import io.handfast.transaction.v1.Replicas;
import io.handfast.tx.core.TxId;
import io.handfast.tx.etcd.EtcdCluster;
import io.handfast.tx.etcd.EtcdOptions;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.resource.CallbackMode;
import io.handfast.tx.resource.CallbackResource;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TemplateException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private final EtcdPod.Network network = new EtcdPod.Network();
  private final List<EtcdPod> pods = new ArrayList<>();
  private final String prefix = "/takeover/" + PREFIXES.incrementAndGet();
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
    front = pod("front", "front-1");
    bank = pod("bank", "bank-1");
  }

  @AfterEach
  void undeploy() {
    pods.forEach(EtcdPod::close);
  }

  private EtcdPod pod(String service, String name) throws Exception {
    EtcdPod pod =
        new EtcdPod(
            network,
            new EtcdOptions(
                etcd.endpoints(),
                prefix,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(3),
                EtcdOptions.DEFAULT_MAX_TXN_OPS),
            service,
            name);
    pods.add(pod);
    return pod;
  }

  private static Resource equivalent() {
    try {
      return new CallbackResource(
          CallbackMode.compile(
              Callback.newBuilder()
                  .setConfirm(CallbackRequest.newBuilder().setPath("/confirm/{branch.id}"))
                  .setCancel(CallbackRequest.newBuilder().setPath("/cancel/{branch.id}"))
                  .setReplicas(Replicas.EQUIVALENT)
                  .build()));
    } catch (TemplateException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A transaction: its id, and the client's request. */
  private record Begun(TxId tx, InboundProbe client) {}

  /** Front and bank have done their work; the bank's vote has reached the front. */
  private Begun prepared() {
    InboundProbe client = front.inbound(Policies.boundary(equivalent()), TestFields.of());
    front.await(() -> client.forwarded);
    TestFields service = front.await(() -> client.service());
    OutboundProbe call = front.outbound(service);
    front.await(() -> call.forwarded);
    InboundProbe served = bank.inbound(Policies.participant(equivalent()), call.wire());
    bank.await(() -> served.forwarded);
    served.answered(200);
    bank.await(() -> served.released);
    String vote = bank.await(() -> served.voteOrNull());
    call.exchange().answered(OutboundProbe.status(200), List.of(vote));
    String context = service.first("tx-context");
    assertThat(context).isNotNull();
    TxId tx = TxId.parse(String.valueOf(context).substring(3, 35));
    if (tx == null) {
      throw new AssertionError("tx-context: " + context + " (expected: with a transaction's id)");
    }
    return new Begun(tx, client);
  }

  private Found stands(EtcdPod asker, TxId tx) throws Exception {
    return asker.loop.<Found>ask(told -> asker.store.read(tx, told));
  }

  @Test
  void shouldFinishWhatALostCoordinatorDecidedT19() throws Exception {
    // Given: the decision stands, nobody has been told, and the pod is gone
    EtcdPod replica = pod("front", "front-2");
    front.answersCompletions = false;
    network.losesOutcomes = true;
    Begun begun = prepared();
    TxId tx = begun.tx();
    begun.client().answered(200);
    Awaitility.await().atMost(SECONDS).until(() -> stands(replica, tx) instanceof Found.Committed);

    // When
    front.die();
    network.losesOutcomes = false;

    // Then
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(() -> {
          assertThat(bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
          assertThat(replica.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
          assertThat(stands(replica, tx)).isInstanceOf(Found.Nothing.class);
        });
    assertThat(replica.store.stats().claims()).isEqualTo(2);
  }

  @Test
  void shouldFinishTheBranchOfALostParticipantWhoseReplicasAreEquivalentT19() throws Exception {
    // Given
    EtcdPod replica = pod("bank", "bank-2");
    Begun begun = prepared();
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
          assertThat(stands(front, tx)).isInstanceOf(Found.Nothing.class);
        });
    assertThat(bank.completions).isEmpty();
    assertThat(front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
  }

  @Test
  void shouldAbortAfterTheDeadlineWhenTheCoordinatorIsLostBeforeItsDecisionT19() throws Exception {
    // Given
    TxId tx = prepared().tx();

    // When: nobody is there to ask, and no replica of the front
    front.die();

    // Then
    Awaitility.await()
        .atMost(SECONDS)
        .untilAsserted(
            () -> assertThat(bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/")));
    assertThat(stands(bank, tx)).isInstanceOf(Found.Aborted.class);
  }
}
