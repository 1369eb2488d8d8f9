package io.handfast.k8s.controlplane;

import static io.handfast.k8s.controlplane.TestResources.cluster;
import static io.handfast.k8s.controlplane.TestResources.listener;
import static io.handfast.k8s.controlplane.TestResources.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.handfast.k8s.controlplane.protocol.DiscoveryStream;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class DiscoveryCallTest {
  private final Client client = new Client();
  private final Queue<Runnable> later = new ArrayDeque<>();
  private final Snapshot now = snapshot(cluster("a"), listener("l", ""));
  private final DiscoveryCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call =
      new DiscoveryCall<>(
          client,
          events -> DiscoveryStream.delta(Optional.empty(), events),
          new DiscoveryCall.Surroundings(
              () -> Optional.of(now),
              new Meters(new SimpleMeterRegistry()),
              "delta",
              later::add,
              _ -> {}));

  /** Keeps what it is sent. */
  private static final class Client extends ServerCallStreamObserver<DeltaDiscoveryResponse> {
    final List<DeltaDiscoveryResponse> sent = new ArrayList<>();

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
      sent.add(response);
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    @SuppressWarnings("InlineMeSuggester") // gRPC's own name for it.
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  private void ask(ResourceType<?> type) {
    call.onNext(DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl()).build());
  }

  private List<String> types() {
    return client.sent.stream().map(DeltaDiscoveryResponse::getTypeUrl).toList();
  }

  @Test
  void shouldSendListenersInTheEndThoughClustersAreNeverAcknowledged() {
    // Given
    ask(ResourceType.CLUSTER);
    ask(ResourceType.LISTENER);
    assertThat(types()).containsExactly(ResourceType.CLUSTER.typeUrl());

    // When
    later.remove().run();

    // Then
    assertThat(types())
        .containsExactly(ResourceType.CLUSTER.typeUrl(), ResourceType.LISTENER.typeUrl());
    assertThat(later).isEmpty();
  }

  @Test
  void shouldWaitForNothingWhenClustersAreAcknowledged() {
    // Given
    ask(ResourceType.CLUSTER);
    ask(ResourceType.LISTENER);
    DeltaDiscoveryRequest acknowledged =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .setResponseNonce(client.sent.getFirst().getNonce())
            .build();

    // When
    call.onNext(acknowledged);

    // Then
    assertThat(types())
        .containsExactly(ResourceType.CLUSTER.typeUrl(), ResourceType.LISTENER.typeUrl());
    later.remove().run();
    assertThat(client.sent).hasSize(2);
    assertThat(later).isEmpty();
  }
}
