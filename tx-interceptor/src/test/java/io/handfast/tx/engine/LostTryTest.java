package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.port.SharedStore.Found;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A sidecar that slept with the Try of a branch which another has ended meanwhile (T17, T19). Its
 * service does not remember what it was told to cancel.
 */
class LostTryTest {
  private static final Duration LONG = Duration.ofMinutes(3);

  private final SharedMesh mesh = new SharedMesh();
  private SharedPod front;
  private SharedPod bank;
  private SharedPod replica;
  private SharedMesh.Begun begun;
  private OutboundProbe call;

  @BeforeEach
  void call() {
    front = mesh.pod("front", "front-1");
    bank = mesh.pod("bank", "bank-1");
    replica = mesh.pod("bank", "bank-2");
    begun = mesh.begin(front, EtcdMesh.equivalent());
    call = front.outbound(begun.service());
  }

  /** The bank stops when its BEGUN stands, and before it knows: its request is not sent yet. */
  private InboundProbe sleepsBeforeItsTry() {
    mesh.written =
        record -> {
          if (record.hasBegun() && record.getBegun().getBranch().getService().equals("bank")) {
            bank.loop().pause();
          }
        };
    InboundProbe served = bank.inbound(Policies.participant(EtcdMesh.equivalent()), call.wire());
    mesh.written = record -> {};
    assertThat(served.forwarded).isNull();
    return served;
  }

  /** ABORT stands, the bank's lease is over, and its replica has cancelled what was not there. */
  private void replicaAborts() {
    assertThat(mesh.abort(replica, begun.tx())).isInstanceOf(Found.Aborted.class);
    bank.expire();
    mesh.pass(Policies.TRY_TIMEOUT.plusSeconds(1));
    assertThat(replica.completions).singleElement().asString().contains("/cancel/");
  }

  private InboundProbe wakesAndTries(InboundProbe served) {
    bank.loop().resume();
    mesh.pass(Duration.ZERO);
    assertThat(served.forwarded).isNotNull();
    served.answered(200);
    return served;
  }

  @Test
  void shouldUndoItsOwnTryOnceMoreWhenAReplicaHasAbortedTheBranchT19() {
    // Given
    InboundProbe served = sleepsBeforeItsTry();
    replicaAborts();

    // When
    wakesAndTries(served);
    mesh.pass(LONG);

    // Then
    assertThat(bank.completions).singleElement().asString().contains("/cancel/");
    assertThat(replica.completions).hasSize(1);
  }

  /** The bank has voted when it stops, and its replica confirms: nothing stands any more. */
  private void replicaConfirms() {
    InboundProbe served = bank.inbound(Policies.participant(EtcdMesh.equivalent()), call.wire());
    served.answered(200);
    mesh.pass(Duration.ofMillis(1));
    bank.loop().pause();
    mesh.losesOutcomes = true;
    SharedMesh.succeed(begun, call, served);
    mesh.pass(Duration.ofMillis(1));
    bank.expire();
    mesh.pass(Duration.ofSeconds(40));
    assertThat(replica.completions).singleElement().asString().contains("/confirm/");
    assertThat(mesh.stands(front, begun.tx())).isInstanceOf(Found.Nothing.class);
  }

  @Test
  void shouldNotOpenALostBranchAnewWhenADuplicateIsLateT19() {
    // Given: its replica has confirmed it, so that etcd would take a BEGUN
    replicaConfirms();
    bank.loop().resume();
    for (int i = 0; i < 60 && !bank.list().inFlight().isEmpty(); i++) {
      mesh.pass(Duration.ofSeconds(1));
    }
    assertThat(bank.list().inFlight()).isEmpty();
    List<Record> written = new ArrayList<>();
    mesh.written = written::add;

    // When
    InboundProbe late = bank.inbound(Policies.participant(EtcdMesh.equivalent()), call.wire());

    // Then
    assertThat(late.forwarded).isNull();
    assertThat(late.answers()).isEqualTo(1);
    assertThat(written).isEmpty();
  }

  @Test
  void shouldNotAcknowledgeACommitOfABranchThatAReplicaHasUndoneT16() {
    // Given
    InboundProbe served = sleepsBeforeItsTry();
    replicaAborts();
    wakesAndTries(served);
    mesh.pass(LONG);
    long branch = mesh.etcd.records().getFirst().getBranchEnded().getBranchId();

    // When
    OutcomeResult told = mesh.tell(bank, begun.tx(), branch, Outcome.COMMIT);

    // Then
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.HAZARD);
    assertThat(told.getDetail()).isEqualTo("undone by a replica that had taken it over");
    assertThat(mesh.tell(bank, begun.tx(), branch, Outcome.ABORT).getAcknowledgement())
        .isEqualTo(Acknowledgement.DONE);
  }

  @Test
  void shouldNotUndoItsOwnTryWhenAReplicaHasConfirmedItT19() {
    // Given
    replicaConfirms();

    // When
    bank.loop().resume();
    mesh.pass(LONG);

    // Then
    assertThat(bank.completions).isEmpty();
    assertThat(replica.completions).hasSize(1);
  }

  @Test
  void shouldNotBeDoneBeforeItsOwnTryIsUndoneT19() {
    // Given: the bank cannot undo it now
    InboundProbe served = sleepsBeforeItsTry();
    replicaAborts();
    bank.completionStatus = 503;
    wakesAndTries(served);

    // When
    mesh.pass(LONG);

    // Then
    assertThat(bank.completions).isNotEmpty();
    assertThat(running()).isEqualTo(1);

    // When
    bank.completionStatus = 200;
    mesh.pass(LONG);

    // Then
    assertThat(running()).isZero();
  }

  @Test
  void shouldShowATryThatItsServiceRefusesToUndoT21() {
    // Given
    InboundProbe served = sleepsBeforeItsTry();
    replicaAborts();
    bank.completionStatus = 400;
    wakesAndTries(served);

    // When
    mesh.pass(LONG);

    // Then
    assertThat(bank.completions).hasSize(1);
    assertThat(bank.gauge("handfast.tx.heuristic.kept")).isEqualTo(1);
    assertThat(bank.list().inFlight())
        .singleElement()
        .satisfies(it -> assertThat(it.txId()).isEqualTo(begun.tx().toString()));
  }

  @Test
  void shouldKeepForAWhileThatAReplicaHasUndoneABranchT19() {
    // Given
    InboundProbe served = sleepsBeforeItsTry();
    replicaAborts();
    wakesAndTries(served);

    // When
    mesh.pass(Duration.ofMinutes(110));

    // Then
    assertThat(mesh.etcd.records())
        .filteredOn(Record::hasBranchEnded)
        .singleElement()
        .matches(it -> it.getBranchEnded().getTakenOver());

    // When
    mesh.pass(Duration.ofMinutes(15));

    // Then
    assertThat(mesh.etcd.records()).noneMatch(Record::hasBranchEnded);
  }

  private int running() {
    var stage = bank.engine().running().toCompletableFuture();
    mesh.pass(Duration.ZERO);
    return stage.join();
  }
}
