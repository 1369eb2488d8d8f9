package io.handfast.k8s.controlplane.protocol;

import static io.handfast.k8s.controlplane.TestResources.cluster;
import static io.handfast.k8s.controlplane.TestResources.edsCluster;
import static io.handfast.k8s.controlplane.TestResources.endpoints;
import static io.handfast.k8s.controlplane.TestResources.routes;
import static io.handfast.k8s.controlplane.TestResources.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SotwStreamTest {
  private final Recorder<DiscoveryResponse> client = new Recorder<>();
  private final DiscoveryStream<DiscoveryRequest, DiscoveryResponse> stream =
      DiscoveryStream.sotw(Optional.empty(), client);
  private Snapshot now = snapshot(cluster("a"), cluster("b"), endpoints("a"));

  private void send(DiscoveryRequest.Builder request) {
    stream.request(request.build(), Optional.of(now));
  }

  private static DiscoveryRequest.Builder ask(ResourceType<?> type, String... names) {
    return DiscoveryRequest.newBuilder()
        .setTypeUrl(type.typeUrl())
        .addAllResourceNames(List.of(names));
  }

  private static DiscoveryRequest.Builder answer(DiscoveryResponse response, String... names) {
    return DiscoveryRequest.newBuilder()
        .setTypeUrl(response.getTypeUrl())
        .setVersionInfo(response.getVersionInfo())
        .setResponseNonce(response.getNonce())
        .addAllResourceNames(List.of(names));
  }

  private void publish(Snapshot next) {
    now = next;
    stream.advance(next);
  }

  private static String text(DiscoveryResponse response) {
    List<String> names = new ArrayList<>();
    for (ResourceType<?> type : ResourceType.ALL) {
      if (type.typeUrl().equals(response.getTypeUrl())) {
        response.getResourcesList().forEach(any -> names.add(name(type, any)));
      }
    }
    return response.getTypeUrl().substring(response.getTypeUrl().lastIndexOf('.') + 1) + names;
  }

  private static String name(ResourceType<?> type, Any any) {
    try {
      return type.nameOf(type.instance().getParserForType().parseFrom(any.getValue()));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSendAllOfATypeWheneverAnyOfItIsAnother() {
    // Given
    send(ask(ResourceType.CLUSTER));
    DiscoveryResponse first = client.takeOne();
    assertThat(text(first)).isEqualTo("Cluster[a, b]");
    send(answer(first));
    assertThat(client.take()).isEmpty();

    // When
    publish(snapshot(cluster("b", "other")));

    // Then
    DiscoveryResponse second = client.takeOne();
    assertThat(text(second)).isEqualTo("Cluster[b]");
    assertThat(second.getVersionInfo())
        .isNotEqualTo(first.getVersionInfo())
        .isEqualTo(now.version(ResourceType.CLUSTER));
    assertThat(client.told).containsExactly("ack clusters");
  }

  @Test
  void shouldSendNothingToAClientThatComesBackWithAllOfIt() {
    // When
    send(ask(ResourceType.CLUSTER).setVersionInfo(now.version(ResourceType.CLUSTER)));

    // Then
    assertThat(client.take()).isEmpty();
    publish(snapshot(cluster("a")));
    assertThat(text(client.takeOne())).isEqualTo("Cluster[a]");
  }

  @Test
  void shouldSendNamedOnesToAClientThatComesBackForItMayHaveAskedForOthers() {
    // When
    send(ask(ResourceType.ENDPOINT, "a").setVersionInfo(now.version(ResourceType.ENDPOINT)));

    // Then
    assertThat(text(client.takeOne())).isEqualTo("ClusterLoadAssignment[a]");
  }

  @Test
  void shouldSendWhatIsNamedWhenItIsThere() {
    // Given
    send(ask(ResourceType.ENDPOINT, "b"));
    assertThat(client.take()).isEmpty();

    // When
    publish(snapshot(endpoints("a"), endpoints("b")));

    // Then
    DiscoveryResponse first = client.takeOne();
    assertThat(text(first)).isEqualTo("ClusterLoadAssignment[b]");
    send(answer(first, "a", "b"));
    DiscoveryResponse second = client.takeOne();
    assertThat(text(second)).isEqualTo("ClusterLoadAssignment[a, b]");
    send(answer(second, "b"));
    assertThat(client.take()).isEmpty();
  }

  @Test
  void shouldSendANameAgainThatWasDroppedAndComesBack() {
    // Given
    send(ask(ResourceType.ENDPOINT, "a"));
    DiscoveryResponse first = client.takeOne();
    send(answer(first));
    assertThat(client.take()).isEmpty();

    // When: an empty list after names is no wildcard
    send(answer(first, "a"));

    // Then
    assertThat(text(client.takeOne())).isEqualTo("ClusterLoadAssignment[a]");
  }

  @Test
  void shouldIgnoreARequestThatDoesNotKnowTheLastResponse() {
    // Given
    send(ask(ResourceType.CLUSTER));
    DiscoveryResponse first = client.takeOne();
    send(answer(first));
    publish(snapshot(cluster("a")));
    DiscoveryResponse second = client.takeOne();

    // When
    send(answer(first));

    // Then
    assertThat(client.take()).isEmpty();
    publish(snapshot(cluster("z")));
    assertThat(client.take()).isEmpty();
    send(answer(second));
    assertThat(text(client.takeOne())).isEqualTo("Cluster[z]");
  }

  @Test
  void shouldNotSendAgainWhatWasRefusedUntilItIsAnother() {
    // Given
    send(ask(ResourceType.CLUSTER));
    DiscoveryRequest.Builder nack = answer(client.takeOne()).setVersionInfo("");
    nack.getErrorDetailBuilder().setCode(3).setMessage("no");

    // When
    send(nack);

    // Then
    assertThat(client.take()).isEmpty();
    assertThat(client.told).containsExactly("nack clusters : no");
    publish(snapshot(cluster("a", "mended")));
    assertThat(text(client.takeOne())).isEqualTo("Cluster[a]");
  }

  @Test
  void shouldListClustersUntilRoutesDoWithoutThem() {
    // Given
    now = snapshot(cluster("a"), routes("r", "a"));
    send(ask(ResourceType.CLUSTER));
    send(answer(client.takeOne()));
    send(ask(ResourceType.ROUTE, "r"));
    send(answer(client.takeOne(), "r"));

    // When
    publish(snapshot(cluster("b"), routes("r", "b")));

    // Then
    DiscoveryResponse made = client.takeOne();
    assertThat(text(made)).isEqualTo("Cluster[a, b]");
    send(answer(made));
    DiscoveryResponse turned = client.takeOne();
    assertThat(text(turned)).isEqualTo("RouteConfiguration[r]");
    send(answer(turned, "r"));
    DiscoveryResponse last = client.takeOne();
    assertThat(text(last)).isEqualTo("Cluster[b]");
    assertThat(last.getVersionInfo()).isEqualTo(now.version(ResourceType.CLUSTER));
  }

  @Test
  void shouldSendEndpointsAgainWhenTheirClusterIsAnother() {
    // Given
    now = snapshot(edsCluster("a", "1"), endpoints("a"));
    send(ask(ResourceType.CLUSTER));
    send(answer(client.takeOne()));
    send(ask(ResourceType.ENDPOINT, "a"));
    send(answer(client.takeOne(), "a"));

    // When
    publish(snapshot(edsCluster("a", "2"), endpoints("a")));

    // Then
    assertThat(client.take().stream().map(SotwStreamTest::text))
        .containsExactly("Cluster[a]", "ClusterLoadAssignment[a]");
  }
}
