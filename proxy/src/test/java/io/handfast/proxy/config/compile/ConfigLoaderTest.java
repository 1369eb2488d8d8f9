package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.extension.SnapshotCheck;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConfigLoaderTest {

  @Test
  void shouldCompileAClusterOnceWhenItIsCheckedAndThenServes() throws Exception {
    // Given
    List<String> made = new ArrayList<>();
    ConfigLoader loader = new ConfigLoader(noting(made));

    // When
    ResourceSet resources = loader.load(BootstrapSource.ofYaml(Bootstraps.BASE));
    ConfigSnapshot serving = loader.compiler().compile(1, resources).snapshot().orElseThrow();

    // Then
    assertThat(made).containsExactly("service");
    assertThat(serving.clusters()).extracting(ClusterConfig::name).containsExactly("service");
  }

  private static Extensions noting(List<String> made) {
    Extensions all = TestExtensions.extensions();
    SnapshotCheck note =
        new SnapshotCheck() {
          @Override
          public void check(ConfigSnapshot snapshot, Scope scope) {
            // Of clusters only.
          }

          @Override
          public void check(ClusterConfig cluster, Scope scope) {
            made.add(cluster.name());
          }
        };
    return new Extensions(
        all.networkFilters(),
        all.httpFilters(),
        all.clusterMetadata(),
        all.bootstrapExtensions(),
        List.of(note),
        all.accessLogFormats());
  }
}
