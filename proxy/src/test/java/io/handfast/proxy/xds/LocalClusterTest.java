package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.endpoints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster of the service beside a sidecar, where it is static and its endpoints are not. */
final class LocalClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;
  @TempDir private Path journal;

  @Test
  void shouldStartWhenTheLocalClusterWaitsForItsEndpoints() {
    // Given
    new ConfigMap(directory).put("endpoints.yaml", endpoints("local", 9)).mount();

    // When
    try (LiveSidecar sidecar = LiveSidecar.of(bootstrap())) {
      await().atMost(PATIENCE).until(sidecar::isReady);

      // Then
      assertThat(sidecar.stat("cluster.local.membership_total")).contains(1L);
    }
  }

  private String bootstrap() {
    return """
    node: { id: sidecar-1, cluster: shop }
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    bootstrap_extensions:
    - name: handfast.transaction_manager
      typed_config:
        "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
        service_name: shop
        store: { journal: { directory: %s } }
        control: { address: 127.0.0.1, port: 0, authority: "127.0.0.1:1" }
        control_trust: PLAINTEXT
        local_cluster: local
    static_resources:
      clusters:
      - name: local
        type: EDS
        eds_cluster_config: { eds_config: { path_config_source: { path: %s/endpoints.yaml } } }
    """
        .formatted(journal, directory);
  }
}
