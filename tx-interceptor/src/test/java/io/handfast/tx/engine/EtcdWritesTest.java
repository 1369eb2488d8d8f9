package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a transaction writes into etcd (the table of §3). */
class EtcdWritesTest {
  private final SharedMesh mesh = new SharedMesh();
  private final SharedPod front = mesh.pod("front", "front-1");
  private final SharedPod bank = mesh.pod("bank", "bank-1");

  @Test
  void shouldCommitWithOneReplicatedWriteBesideWhatEachBranchWrites() {
    // Given
    List<Record.KindCase> written = new ArrayList<>();
    mesh.written = record -> written.add(record.getKindCase());
    SharedMesh.Begun begun = mesh.begin(front, EtcdMesh.equivalent());
    OutboundProbe call = front.outbound(begun.service());
    InboundProbe served = bank.inbound(Policies.participant(EtcdMesh.equivalent()), call.wire());
    served.answered(200);
    mesh.pass(Duration.ofMillis(1));
    assertThat(written).containsExactly(Record.KindCase.BEGUN, Record.KindCase.BEGUN);
    long voted = mesh.etcd.revision();
    bank.loop().pause(); // so that it does not end its branch meanwhile
    front.completionStatus = 0;

    // When
    SharedMesh.succeed(begun, call, served);
    mesh.pass(Duration.ofMillis(200));

    // Then
    assertThat(begun.client().releasedField("tx-outcome")).isEqualTo("committed");
    assertThat(mesh.etcd.revision()).isEqualTo(voted + 1);
    assertThat(written.subList(2, written.size())).containsExactly(Record.KindCase.DECISION);
  }
}
