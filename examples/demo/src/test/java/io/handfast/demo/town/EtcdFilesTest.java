package io.handfast.demo.town;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.demo.town.Ports.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class EtcdFilesTest {
  private static final Path MESH = Path.of("../bank/mesh");
  private static final String STORE =
      "etcd: { endpoints: [\"http://127.0.0.1:18350\"], prefix: /handfast, lease: 2s }";

  @ParameterizedTest
  @EnumSource(Member.class)
  void shouldKeepRecordsInEtcdWhenFileIsRewritten(Member member) throws IOException {
    // Given
    String file = Files.readString(MESH.resolve(member.title + ".yaml"));

    // When
    String rewritten = EtcdFiles.rewrite(file, member, new Ports(Ports.DEFAULT_BASE));

    // Then
    assertThat(file).contains("journal: {");
    assertThat(rewritten).contains(STORE).doesNotContain("journal: {");
  }

  @Test
  void shouldMoveWhatTransfersBindsAndNothingElseWhenItIsTheSecondPod() throws IOException {
    // Given
    String file = Files.readString(MESH.resolve("transfers.yaml"));

    // When
    String rewritten =
        EtcdFiles.rewrite(file, Member.TRANSFERS, new Ports(Ports.DEFAULT_BASE).other());

    // Then
    assertThat(rewritten)
        .contains("id: transfers-2", "authority: \"127.0.0.1:18044\"", "port_value: 18030")
        .contains(
            "port_value: 18110", "port_value: 18120", "port_value: 18100", "port_value: 18200")
        .contains("callback:\n                        replicas: EQUIVALENT\n")
        .doesNotContainPattern("\\b180(00|01|02|14|80|81|90)\\b.*}");
  }
}
