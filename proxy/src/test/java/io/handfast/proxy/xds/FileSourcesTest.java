package io.handfast.proxy.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.stream.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSourcesTest {

  @Test
  void shouldWatchNoDirectoryOfAFileThatNobodyNames(@TempDir Path directory) throws IOException {
    // Given
    try (FileSources files =
        new FileSources(TypeRegistry.of(List.of()), Runnable::run, (type, names) -> {})) {
      List<Wire> wires = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        Path file = Files.createDirectory(directory.resolve("" + i)).resolve("clusters.yaml");
        PathConfigSource source = PathConfigSource.newBuilder().setPath(file.toString()).build();
        wires.add(
            files
                .source(source, ResourceType.CLUSTER)
                .orElseThrow()
                .servers()
                .getFirst()
                .wire()
                .get());
      }
      assertThat(files.watched()).isEqualTo(5);

      // When
      wires.subList(0, 4).forEach(Wire::close);

      // Then
      assertThat(files.watched()).isEqualTo(1);
    }
  }
}
