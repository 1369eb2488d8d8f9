package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.PreconnectPolicy;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceBlockingStub;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.handfast.xds.resource.ResourceType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Client status discovery, asked by gRPC at the administration's port. */
final class ClientStatusTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final LiveSidecar sidecar = LiveSidecar.on(control, "AGGREGATED_DELTA_GRPC");
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), sidecar.adminPort()))
          .usePlaintext()
          .build();

  @BeforeEach
  void serve() {
    control.serve(snapshot("1", List.of(cluster("a"))));
    await().atMost(PATIENCE).until(sidecar::isReady);
  }

  @AfterEach
  void close() throws InterruptedException {
    channel.shutdownNow();
    channel.awaitTermination(10, TimeUnit.SECONDS);
    sidecar.close();
    control.close();
    one.close();
  }

  @Test
  void shouldTellTheStateOfEachResourceO1() throws Exception {
    // When
    ClientConfig config = fetch(ClientStatusRequest.getDefaultInstance());

    // Then
    assertThat(config.getNode().getId()).isEqualTo("sidecar-1");
    Map<String, GenericXdsConfig> byName = byName(config);
    assertThat(byName)
        .containsOnlyKeys(
            "Cluster a", "ClusterLoadAssignment a", "Listener l", "RouteConfiguration r1");
    assertThat(byName.values())
        .allMatch(each -> each.getClientStatus() == ClientResourceStatus.ACKED)
        .allMatch(each -> !each.getVersionInfo().isEmpty() && each.hasLastUpdated());
    GenericXdsConfig cluster = byName.get("Cluster a");
    assertThat(cluster).isNotNull();
    assertThat(cluster.getTypeUrl()).isEqualTo(ResourceType.CLUSTER.typeUrl());
    assertThat(cluster.getXdsConfig().unpack(Cluster.class)).isEqualTo(cluster("a"));
    assertThat(sidecar.admin("/server_info")).as("HTTP/1.1 beside it").startsWith("200 ");
  }

  @Test
  void shouldTellWhatWasRefusedOnAStreamThatIsAskedAgainO1() throws Exception {
    // Given
    BlockingQueue<ClientStatusResponse> answers = new LinkedBlockingQueue<>();
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    StreamObserver<ClientStatusRequest> stream =
        ClientStatusDiscoveryServiceGrpc.newStub(channel)
            .streamClientStatus(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ClientStatusResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    ends.add(failure.toString());
                  }

                  @Override
                  public void onCompleted() {
                    ends.add("completed");
                  }
                });
    stream.onNext(ClientStatusRequest.getDefaultInstance());
    assertThat(answers.poll(10, TimeUnit.SECONDS)).isNotNull();

    // When
    Cluster bad =
        cluster("a").toBuilder().setPreconnectPolicy(PreconnectPolicy.getDefaultInstance()).build();
    control.serve(snapshot("2", List.of(bad)));
    await().atMost(PATIENCE).until(() -> !control.refusals().isEmpty());
    stream.onNext(ClientStatusRequest.newBuilder().setExcludeResourceContents(true).build());

    // Then
    ClientStatusResponse answer = answers.poll(10, TimeUnit.SECONDS);
    assertThat(answer).isNotNull();
    GenericXdsConfig refused = byName(answer.getConfig(0)).get("Cluster a");
    assertThat(refused).isNotNull();
    assertThat(refused.getClientStatus()).isEqualTo(ClientResourceStatus.NACKED);
    assertThat(refused.getErrorState().getDetails()).contains("clusters[a].preconnect_policy");
    assertThat(refused.getErrorState().hasFailedConfiguration()).isFalse();
    assertThat(refused.hasXdsConfig()).isFalse();
    stream.onCompleted();
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("completed");
  }

  @Test
  void shouldRefuseToMatchNodesO1() {
    // When / Then
    assertThatThrownBy(() ->
            fetch(
                ClientStatusRequest.newBuilder()
                    .addNodeMatchers(NodeMatcher.getDefaultInstance())
                    .build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused ->
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
        .hasMessageContaining("node_matchers: not supported");
  }

  private ClientConfig fetch(ClientStatusRequest request) {
    ClientStatusDiscoveryServiceBlockingStub stub =
        ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS);
    ClientStatusResponse answer = stub.fetchClientStatus(request);
    assertThat(answer.getConfigList()).hasSize(1);
    return answer.getConfig(0);
  }

  private static Map<String, GenericXdsConfig> byName(ClientConfig config) {
    return config.getGenericXdsConfigsList().stream()
        .collect(
            Collectors.toMap(
                each ->
                    each.getTypeUrl().substring(each.getTypeUrl().lastIndexOf('.') + 1)
                        + " "
                        + each.getName(),
                each -> each));
  }

  private Snapshot snapshot(String version, List<Cluster> clusters) {
    return Snapshot.create(
        clusters,
        List.of(endpoints("a", one.port())),
        List.of(listener("l", "r1")),
        List.of(routes("r1", "a")),
        List.of(),
        version);
  }
}
