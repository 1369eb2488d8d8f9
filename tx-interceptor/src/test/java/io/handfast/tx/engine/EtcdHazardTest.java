package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.Callback;
import io.handfast.transaction.v1.CallbackRequest;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Replicas;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.operator.TransactionCommands.Status;
import io.handfast.tx.operator.TransactionSummary;
import io.handfast.tx.resource.CallbackMode;
import io.handfast.tx.resource.CallbackResource;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TemplateException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a service refuses for good, in a store that replicas share (T15, T19, T21). */
class EtcdHazardTest {
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Duration SOON = Duration.ofSeconds(2);

  private final SharedMesh mesh = new SharedMesh();
  private final SharedPod front = mesh.pod("front", "front-1");
  private final SharedPod bank = mesh.pod("bank", "bank-1");
  private final SharedMesh.Begun begun = mesh.begin(front, EtcdMesh.equivalent());

  /** The front's call, and what the bank answered. */
  private record Voted(OutboundProbe call, InboundProbe served) {}

  /** The bank has voted, and its vote is not with the front yet. */
  private Voted bankVotes(Resource resource) {
    OutboundProbe call = front.outbound(begun.service());
    InboundProbe served = bank.inbound(Policies.participant(resource), call.wire());
    served.answered(200);
    mesh.pass(MOMENT);
    return new Voted(call, served);
  }

  private void succeed(Voted voted) {
    SharedMesh.succeed(begun, voted.call(), voted.served());
  }

  private static Resource knowsWhatIsDone() {
    try {
      return new CallbackResource(
          CallbackMode.compile(
              Callback.newBuilder()
                  .setConfirm(CallbackRequest.newBuilder().setPath("/confirm/{branch.id}"))
                  .setCancel(CallbackRequest.newBuilder().setPath("/cancel/{branch.id}"))
                  .addConfirmAlreadyDone(409)
                  .setReplicas(Replicas.EQUIVALENT)
                  .build()));
    } catch (TemplateException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Stream<String> listed(SharedPod pod) {
    return pod.list().inFlight().stream().map(TransactionSummary::txId);
  }

  private Stream<Record> hazards() {
    return mesh.etcd.records().stream()
        .filter(it -> it.getBranchEnded().getOutcome() == BranchOutcome.HEURISTIC_HAZARD);
  }

  @Test
  void shouldShowAHazardAfterARestartUntilItIsForgottenT21() {
    // Given
    bank.completionStatus = 400;
    Voted voted = bankVotes(EtcdMesh.equivalent());
    succeed(voted);
    mesh.pass(SOON);
    assertThat(bank.gauge("handfast.tx.heuristic.kept")).isEqualTo(1);

    // When
    bank.restart();
    mesh.pass(SOON);

    // Then
    String tx = begun.tx().toString();
    assertThat(bank.gauge("handfast.tx.heuristic.kept")).isEqualTo(1);
    assertThat(listed(bank)).containsExactly(tx);
    assertThat(bank.show(tx).orElseThrow().toString()).contains("hazard", "answered 400");

    // When
    var forgotten = bank.forget(tx);

    // Then
    assertThat(forgotten.status()).isEqualTo(Status.DONE);
    assertThat(hazards()).isEmpty();
    mesh.pass(Duration.ofMinutes(2));
    assertThat(bank.gauge("handfast.tx.heuristic.kept")).isZero();
    bank.restart();
    mesh.pass(SOON);
    assertThat(listed(bank)).isEmpty();
  }

  @Test
  void shouldReadTheRecordAgainBeforeABranchIsCalledHeuristicT15() {
    // Given: the bank sleeps when it is told COMMIT, and its replica has confirmed meanwhile
    SharedPod replica = mesh.pod("bank", "bank-2");
    Voted voted = bankVotes(EtcdMesh.equivalent());
    bank.loop().pause();
    succeed(voted);
    mesh.pass(MOMENT);
    bank.expire();
    mesh.pass(Duration.ofSeconds(40));
    assertThat(replica.completions).singleElement().asString().contains("/confirm/");

    // When: its service knows nothing more of what it has confirmed
    bank.completionStatus = 404;
    bank.loop().resume();
    mesh.pass(Duration.ofMinutes(2));

    // Then
    assertThat(bank.completions).singleElement().asString().contains("/confirm/");
    assertThat(bank.count("handfast.tx.heuristic")).isZero();
    assertThat(bank.gauge("handfast.tx.heuristic.kept")).isZero();
    assertThat(hazards()).isEmpty();
  }

  @Test
  void shouldClaimABranchThatItHasLostWhenItsTakerIsLostTooT19() {
    // Given: the bank sleeps when it is told COMMIT, and a replica has claimed its branch
    SharedPod replica = mesh.pod("bank", "bank-2");
    replica.completionStatus = 0;
    Voted voted = bankVotes(EtcdMesh.equivalent());
    bank.loop().pause();
    succeed(voted);
    mesh.pass(MOMENT);
    bank.expire();
    mesh.pass(Duration.ofSeconds(40));
    assertThat(replica.completions).first().asString().contains("/confirm/");

    // When: its own confirm is refused, and the replica is lost before it has ended the branch
    bank.completionStatus = 409;
    bank.loop().resume();
    mesh.pass(SOON);
    assertThat(bank.completions).singleElement().asString().contains("/confirm/");
    assertThat(listed(bank)).isEmpty();
    bank.completionStatus = 200;
    replica.kill();
    replica.expire();
    mesh.pass(Duration.ofMinutes(2));

    // Then
    assertThat(bank.completions).hasSize(2).last().asString().contains("/confirm/");
    assertThat(mesh.etcd.records()).isEmpty();
    assertThat(listed(front)).isEmpty();
  }

  @Test
  void shouldNotGiveUpABranchThatItHasEndedWhenTheStoreAnswersLateT19() {
    // Given: its deadline has passed, and etcd is slow to say what stands
    Voted voted = bankVotes(EtcdMesh.equivalent());
    mesh.losesOutcomes = true;
    succeed(voted);
    mesh.pass(SharedMesh.TIMEOUT.minusSeconds(1));
    bank.etcdNanos = 500_000_000;
    while (bank.count("handfast.tx.inquiries") == 0) {
      mesh.pass(MOMENT);
    }
    assertThat(bank.completions).isEmpty();

    // When: it is told meanwhile, and ends
    bank.etcdNanos = 0;
    mesh.losesOutcomes = false;
    OutcomeResult told = mesh.tell(bank, begun.tx(), branch(), Outcome.COMMIT);
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(listed(bank)).isEmpty();
    mesh.pass(Duration.ofMinutes(1));

    // Then
    assertThat(bank.completions).singleElement().asString().contains("/confirm/");
    assertThat(bank.show(begun.tx().toString()).orElseThrow().toString())
        .doesNotContain("taken over by another replica");
    assertThat(listed(bank)).isEmpty();
    assertThat(mesh.etcd.records()).isEmpty();
  }

  /** The bank's. */
  private long branch() {
    return mesh.etcd.records().stream()
        .filter(it -> it.getBegun().getBranch().getService().equals("bank"))
        .mapToLong(it -> it.getBegun().getBranch().getBranchId())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldNotTakeAlreadyDoneForDoneWhenAReplicaTookTheBranchOverT19() {
    // Given
    SharedPod replica = mesh.pod("bank", "bank-2");
    replica.completionStatus = 409;
    Voted voted = bankVotes(knowsWhatIsDone());
    bank.kill();
    succeed(voted);

    // When
    bank.expire();
    mesh.pass(SOON);

    // Then
    assertThat(replica.completions).singleElement().asString().contains("/confirm/");
    assertThat(replica.count("handfast.tx.heuristic", "kind", "hazard")).isEqualTo(1);
    assertThat(hazards()).hasSize(1);
  }

  @Test
  void shouldTakeAlreadyDoneForDoneWhenTheSamePodHasComeBackT19() {
    // Given
    bank.completionStatus = 409;
    Voted voted = bankVotes(knowsWhatIsDone());
    bank.kill();
    succeed(voted);

    // When
    bank.restart();
    mesh.pass(SOON);

    // Then
    assertThat(bank.completions).singleElement().asString().contains("/confirm/");
    assertThat(bank.count("handfast.tx.heuristic")).isZero();
    assertThat(hazards()).isEmpty();
  }
}
