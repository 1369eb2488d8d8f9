package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Callback;
import io.handfast.transaction.v1.CallbackRequest;
import io.handfast.transaction.v1.Replicas;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.TxId;
import io.handfast.tx.etcd.EtcdOptions;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.resource.CallbackMode;
import io.handfast.tx.resource.CallbackResource;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TemplateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A front and a bank on a real etcd, with as many replicas as a test asks for. */
final class EtcdMesh implements AutoCloseable {
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final ParticipantKey ELSEWHERE =
      new ParticipantKey(new BranchId(1), new Authority("elsewhere", 1));

  final EtcdPod.Network network = new EtcdPod.Network();
  final EtcdPod front;
  final EtcdPod bank;
  private final List<EtcdPod> pods = new ArrayList<>();
  private final EtcdOptions options;

  EtcdMesh(List<String> endpoints, String prefix) throws Exception {
    options =
        new EtcdOptions(
            endpoints,
            prefix,
            Optional.empty(),
            Optional.empty(),
            LEASE,
            EtcdOptions.DEFAULT_MAX_TXN_OPS);
    front = pod("front", "front-1");
    bank = pod("bank", "bank-1");
  }

  EtcdPod pod(String service, String name) throws Exception {
    EtcdPod pod = new EtcdPod(network, options, service, name);
    pods.add(pod);
    return pod;
  }

  static Resource equivalent() {
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
  record Begun(TxId tx, InboundProbe client) {}

  /** Front and bank have done their work; the bank's vote has reached the front. */
  Begun prepared() {
    InboundProbe client =
        front.inbound(
            Policies.boundary(equivalent(), EtcdPod.UNHURRIED, Duration.ofMillis(100)),
            TestFields.of());
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

  /** The deadlines of all that has begun have passed, and the time that a Try may take. */
  void passDeadlines() {
    pods.forEach(pod -> pod.loop.pass(EtcdPod.UNHURRIED));
  }

  Found stands(EtcdPod asker, TxId tx) throws Exception {
    return asker.loop.<Found>ask(told -> asker.store.inquire(tx, ELSEWHERE, false, told));
  }

  @Override
  public void close() {
    pods.forEach(EtcdPod::close);
  }
}
