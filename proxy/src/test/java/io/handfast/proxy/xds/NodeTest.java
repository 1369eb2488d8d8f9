package io.handfast.proxy.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Who a control plane is told is asking. Clusters and listeners are asked for, on two streams one
 * after the other.
 */
final class NodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("x-token", Metadata.ASCII_STRING_MARSHALLER);

  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
  }

  @Test
  void shouldTellItsNodeOnEachRequestN1() {
    // Given: a server that ends the first stream once everything was asked
    try (ScriptedServer<DeltaDiscoveryRequest> control =
        ScriptedServer.delta((stream, request) -> {
          if (request.getTypeUrl().endsWith("Listener")) {
            stream.end(Status.UNAVAILABLE);
          }
        })) {
      // When
      start(control.port(), "AGGREGATED_DELTA_GRPC", "");
      await().atMost(PATIENCE).until(() -> control.requests().size() >= 4);

      // Then
      List<Node> nodes =
          control.requests().stream().map(DeltaDiscoveryRequest::getNode).limit(4).toList();
      assertThat(nodes).containsOnly(nodes.getFirst());
      assertNode(nodes.getFirst());
      assertThat(control.metadata()).allMatch(headers -> "secret".equals(headers.get(TOKEN)));
    }
  }

  @Test
  void shouldTellItsNodeOnTheFirstRequestOfEachStreamWhenThatIsEnoughN1() {
    // Given
    try (ScriptedServer<DiscoveryRequest> control =
        ScriptedServer.sotw((stream, request) -> {
          if (request.getTypeUrl().endsWith("Listener")) {
            stream.end(Status.UNAVAILABLE);
          }
        })) {
      // When
      start(control.port(), "AGGREGATED_GRPC", "set_node_on_first_message_only: true");
      await().atMost(PATIENCE).until(() -> control.requests().size() >= 4);

      // Then
      List<Node> nodes =
          control.requests().stream().map(DiscoveryRequest::getNode).limit(4).toList();
      assertThat(nodes.get(0)).isEqualTo(nodes.get(2));
      assertThat(nodes.get(1)).isEqualTo(Node.getDefaultInstance()).isEqualTo(nodes.get(3));
      assertNode(nodes.getFirst());
    }
  }

  private static void assertNode(Node node) {
    assertThat(node.getId()).isEqualTo("sidecar-1");
    assertThat(node.getCluster()).isEqualTo("shop");
    assertThat(node.getLocality().getZone()).isEqualTo("z1");
    assertThat(node.getMetadata().getFieldsOrThrow("ROLE").getStringValue()).isEqualTo("edge");
    assertThat(node.getUserAgentName()).isEqualTo("handfast");
    assertThat(node.getUserAgentVersion()).isNotEmpty();
    assertThat(node.getClientFeaturesList())
        .containsExactly("of.the.bootstrap", "xds.config.resource-in-sotw");
  }

  private void start(int port, String type, String option) {
    running =
        Optional.of(
            LiveSidecar.of(
                LiveSidecar.bootstrap(port, type)
                    .replace("    grpc_services:", "    " + option + "\n    grpc_services:")
                    .replace(
                        "cluster: shop }",
                        "cluster: shop, locality: { zone: z1 }, metadata: { ROLE: edge },"
                            + " client_features: [of.the.bootstrap] }")
                    .replace(
                        "{ envoy_grpc: { cluster_name: control } }",
                        "{ envoy_grpc: { cluster_name: control }, initial_metadata: [{ key: x-token,"
                            + " value: secret }] }")));
  }
}
