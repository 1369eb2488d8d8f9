package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.etcd.SimulatedEtcd;
import io.handfast.tx.port.NoDatabases;
import io.handfast.tx.port.Peer;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.resource.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Sidecars whose store is an etcd that is simulated, in a time that passes when a test says so. */
final class SharedMesh {
  static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final ParticipantKey ELSEWHERE =
      new ParticipantKey(new BranchId(1), new Authority("elsewhere", 1));

  final VirtualTime time = new VirtualTime();
  final Map<String, SharedPod> pods = new LinkedHashMap<>();

  /** The databases that a pod completes blocks of. */
  Mesh.OfSidecar databases = (pod, loop) -> NoDatabases.INSTANCE;

  /** Outcomes that are told do not arrive. */
  boolean losesOutcomes;

  /** Told of each record as it comes to stand. */
  Consumer<Record> written = record -> {};

  final SimulatedEtcd etcd = new SimulatedEtcd(record -> written.accept(record), key -> true);

  SharedPod pod(String service, String name) {
    SharedPod pod = new SharedPod(this, service, name);
    pods.put(name + ":15014", pod);
    pod.start();
    return pod;
  }

  void pass(Duration passes) {
    time.pass(passes.toMillis());
  }

  /** A request at the boundary, and what its service was given. */
  record Begun(TxId tx, InboundProbe client, TestFields service) {}

  Begun begin(SharedPod front, Resource resource) {
    InboundProbe client =
        front.inbound(
            Policies.boundary(resource, TIMEOUT, Duration.ofMillis(100)), TestFields.of());
    TestFields service = client.service();
    TxId tx = TxId.parse(String.valueOf(service.first("tx-context")).substring(3, 35));
    assertThat(tx).isNotNull();
    return new Begun(java.util.Objects.requireNonNull(tx), client, service);
  }

  /** The front's call is answered, and the client's request with success. */
  static void succeed(Begun begun, OutboundProbe call, InboundProbe served) {
    String vote = served.voteOrNull();
    assertThat(vote).isNotNull();
    call.exchange()
        .answered(OutboundProbe.status(200), List.of(java.util.Objects.requireNonNull(vote)));
    begun.client().answered(200);
  }

  /** What stands of a transaction. */
  Found stands(SharedPod asker, TxId tx) {
    return inquire(asker, tx, false);
  }

  /** A participant of the transaction, on another store, writes ABORT after its deadline. */
  Found abort(SharedPod asker, TxId tx) {
    return inquire(asker, tx, true);
  }

  /** A coordinator of this store tells the outcome of a branch. */
  OutcomeResult tell(SharedPod to, TxId tx, long branch, Outcome outcome) {
    OutcomeItem item =
        OutcomeItem.newBuilder()
            .setTxId(Messages.bytes(tx))
            .setBranchId(branch)
            .setOutcome(Messages.outcome(outcome))
            .setDecider(to.store().storeId())
            .setStoreId(to.store().storeId())
            .setAwaited(true)
            .build();
    List<OutcomeResult> results = new ArrayList<>();
    var control = to.engine().control();
    control.onOutcome(control.self(), new Peer.Unproved(), item, results::add);
    time.pass(10);
    return results.getFirst();
  }

  private Found inquire(SharedPod asker, TxId tx, boolean mayAbort) {
    List<Found> found = new ArrayList<>();
    asker.loop().execute(() -> asker.store().inquire(tx, ELSEWHERE, mayAbort, found::add));
    time.pass(0);
    return found.getFirst();
  }
}
