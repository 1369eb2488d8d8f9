package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.etcd.EtcdCluster;
import io.handfast.tx.interceptor.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On etcd the key decides, so a participant takes no part in what branches would decide. */
class EtcdProtocolsTest {
  private static final String CONTEXT =
      "00-019767b8a4007abc8def0123456789ab-00000000000000aa-00"
          + ";d=j.elsewhere@elsewhere:1;v=elsewhere:1;t=5000;c=";

  @TempDir private static Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"one-phase", "three-phase"})
  void shouldRefuseTheCallOfSuchATransaction(String protocol) throws Exception {
    Path home = Files.createDirectory(directory.resolve(protocol));
    try (EtcdCluster etcd = EtcdCluster.start(home, 1);
        EtcdMesh mesh = new EtcdMesh(etcd.endpoints(), "/" + protocol)) {
      // When
      InboundProbe probe =
          mesh.bank.inbound(
              Policies.participant(EtcdMesh.equivalent()),
              TestFields.of("tx-context", CONTEXT + protocol));

      // Then
      Problem refused = mesh.bank.await(() -> probe.refused);
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.type()).isEqualTo("protocol-not-possible");
      assertThat(refused.detail()).contains(protocol);
      assertThat(mesh.bank.await(() -> Boolean.valueOf(probe.forwarded == null))).isTrue();
    }
  }
}
