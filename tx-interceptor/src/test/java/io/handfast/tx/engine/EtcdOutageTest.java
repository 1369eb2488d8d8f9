package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.etcd.EtcdCluster;
import io.handfast.tx.port.SharedStore.Found;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing is decided, and nobody told anything, while etcd does not answer (T18). */
class EtcdOutageTest {
  private static final Duration SECONDS = Duration.ofSeconds(25);
  @TempDir private Path directory;

  enum Outage {
    STOPPED {
      @Override
      void begin(EtcdCluster etcd) throws Exception {
        etcd.pause(0);
      }

      @Override
      void end(EtcdCluster etcd) throws Exception {
        etcd.resume(0);
      }
    },
    KILLED {
      @Override
      void begin(EtcdCluster etcd) throws Exception {
        etcd.kill(0);
      }

      @Override
      void end(EtcdCluster etcd) throws Exception {
        etcd.restart(0);
      }
    };

    abstract void begin(EtcdCluster etcd) throws Exception;

    abstract void end(EtcdCluster etcd) throws Exception;
  }

  @ParameterizedTest
  @EnumSource(Outage.class)
  void shouldDecideNothingWhileEtcdCannotAnswerT18(Outage outage) throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(directory, 1);
        EtcdMesh mesh = new EtcdMesh(etcd.endpoints(), "/outage")) {
      // Given: all have voted yes
      EtcdMesh.Begun begun = mesh.prepared();

      // When
      outage.begin(etcd);
      begun.client().answered(200);

      // Then: the client is told that nobody knows, and no service anything
      String told = mesh.front.await(() -> begun.client().replaced).headers().toString();
      assertThat(begun.client().replaced().status()).isEqualTo(503);
      assertThat(told).contains("tx-outcome").contains("unknown");
      assertThat(mesh.front.completions).isEmpty();
      assertThat(mesh.bank.completions).isEmpty();

      // And: nothing begins
      InboundProbe next =
          mesh.front.inbound(Policies.boundary(EtcdMesh.equivalent()), TestFields.of());
      assertThat(mesh.front.await(() -> next.refused).status()).isEqualTo(503);
      assertThat(mesh.front.engine.readiness().ready()).isFalse();

      // And: all alike when it answers again
      outage.end(etcd);
      mesh.passDeadlines();
      Awaitility.await()
          .atMost(SECONDS)
          .untilAsserted(() -> {
            assertThat(mesh.front.completions).hasSize(1);
            assertThat(mesh.bank.completions).hasSize(1);
          });
      List<String> done =
          List.of(mesh.front.completions.getFirst(), mesh.bank.completions.getFirst());
      assertThat(done.stream().map(it -> it.contains("/confirm/")).distinct()).hasSize(1);
      Awaitility.await()
          .atMost(SECONDS)
          .until(() -> !(mesh.stands(mesh.front, begun.tx()) instanceof Found.Committed));
    }
  }
}
