package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.extension.SnapshotCheck;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

  @Test
  void shouldCompileAClusterOnceWhereAListenerWaitsForItsRoutes() throws Exception {
    // Given
    List<String> made = new ArrayList<>();
    ConfigLoader loader = new ConfigLoader(noting(made));

    // When
    ResourceSet whole = loader.load(BootstrapSource.ofYaml(threeClustersAndRds()));
    ConfigSnapshot first = serving(loader, withoutListener(whole));
    ConfigSnapshot second =
        serving(
            loader, whole.with(ResourceType.ROUTE, List.of(ManyClusters.routes(0, 1)), Set.of()));

    // Then
    assertThat(made).containsExactly("service", "second", "third");
    assertThat(first.clusters()).hasSize(3);
    assertThat(first.listeners()).isEmpty();
    assertThat(second.clusters()).containsExactlyElementsOf(first.clusters());
    assertThat(second.listeners()).hasSize(1);
  }

  @Test
  void shouldLookForClustersAgainOnceNoneCanComeAnyMore() throws Exception {
    // Given
    ConfigLoader loader = new ConfigLoader(TestExtensions.extensions());
    ResourceSet whole = loader.load(BootstrapSource.ofYaml(Bootstraps.BASE));
    ResourceSet without = whole.with(ResourceType.CLUSTER, List.of(), Set.of("service"));

    // When
    serving(loader, without.partial(true));
    List<ConfigError> errors = loader.compiler().compile(1, without).errors();

    // Then
    assertThat(errors)
        .extracting(ConfigError::path)
        .containsExactly(Bootstraps.ROUTE + ".route.cluster");
  }

  /** What serves before a control plane has answered. */
  private static ResourceSet withoutListener(ResourceSet whole) {
    return whole.with(ResourceType.LISTENER, List.of(), Set.of("in")).partial(true);
  }

  private static ConfigSnapshot serving(ConfigLoader loader, ResourceSet resources) {
    return loader.compiler().compile(1, resources).snapshot().orElseThrow();
  }

  /** No clusters come from a control plane, only routes. */
  private static String threeClustersAndRds() {
    String base = Bootstraps.BASE;
    int clusters = base.indexOf("  clusters:");
    String cluster = base.substring(base.indexOf("  - name: service"));
    return base.substring(0, base.indexOf("route_config:"))
        + "rds: { route_config_name: r, config_source: { ads: {} } }\n"
        + base.substring(clusters)
        + cluster.replace("service", "second")
        + cluster.replace("service", "third");
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
