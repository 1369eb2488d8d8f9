package io.handfast.k8s.controlplane.protocol;

import static io.handfast.k8s.controlplane.TestResources.cluster;
import static io.handfast.k8s.controlplane.TestResources.edsCluster;
import static io.handfast.k8s.controlplane.TestResources.endpoints;
import static io.handfast.k8s.controlplane.TestResources.listener;
import static io.handfast.k8s.controlplane.TestResources.routes;
import static io.handfast.k8s.controlplane.TestResources.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DeltaStreamTest {
  private final Recorder<DeltaDiscoveryResponse> client = new Recorder<>();
  private DiscoveryStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
      DiscoveryStream.delta(Optional.empty(), client);
  private Snapshot now = snapshot(cluster("a"), cluster("b"), endpoints("a"));

  private void send(DeltaDiscoveryRequest.Builder request) {
    stream.request(request.build(), Optional.of(now));
  }

  private static DeltaDiscoveryRequest.Builder ask(ResourceType<?> type, String... names) {
    return DeltaDiscoveryRequest.newBuilder()
        .setTypeUrl(type.typeUrl())
        .addAllResourceNamesSubscribe(List.of(names));
  }

  private static DeltaDiscoveryRequest.Builder answer(DeltaDiscoveryResponse response) {
    return DeltaDiscoveryRequest.newBuilder()
        .setTypeUrl(response.getTypeUrl())
        .setResponseNonce(response.getNonce());
  }

  /** Takes all that comes, and acknowledges it, until nothing comes. */
  private List<String> takeAll() {
    List<String> log = new java.util.ArrayList<>();
    for (List<DeltaDiscoveryResponse> next = client.take(); !next.isEmpty(); next = client.take()) {
      for (DeltaDiscoveryResponse each : next) {
        log.add(text(each));
        send(answer(each));
      }
    }
    return log;
  }

  private void publish(Snapshot next) {
    now = next;
    stream.advance(next);
  }

  private static String text(DeltaDiscoveryResponse response) {
    String type = response.getTypeUrl().substring(response.getTypeUrl().lastIndexOf('.') + 1);
    return type
        + response.getResourcesList().stream().map(Resource::getName).toList()
        + (response.getRemovedResourcesCount() == 0
            ? ""
            : " without " + response.getRemovedResourcesList());
  }

  @Test
  void shouldSendEverythingOnceWhenNothingIsNamed() {
    // When
    send(ask(ResourceType.CLUSTER));

    // Then
    DeltaDiscoveryResponse response = client.takeOne();
    assertThat(text(response)).isEqualTo("Cluster[a, b]");
    assertThat(response.getSystemVersionInfo()).isEqualTo(now.version(ResourceType.CLUSTER));
    send(answer(response));
    assertThat(client.take()).isEmpty();
    assertThat(client.told).containsExactly("ack clusters");
  }

  @Test
  void shouldSendWhatChangedAndNameWhatIsGone() {
    // Given
    send(ask(ResourceType.CLUSTER));
    takeAll();

    // When
    publish(snapshot(cluster("b", "other"), cluster("c")));

    // Then
    assertThat(takeAll()).containsExactly("Cluster[b, c] without [a]");
    publish(snapshot(cluster("c"), cluster("b", "other")));
    assertThat(client.take()).isEmpty();
  }

  @Test
  void shouldSendNothingAnewWhenAClientComesBackWithWhatIsStillThere() {
    // Given: whoever is asked is another process
    Snapshot same = snapshot(cluster("b"), cluster("a"));
    DeltaDiscoveryRequest.Builder request = ask(ResourceType.CLUSTER);
    same.all(ResourceType.CLUSTER)
        .forEach(each -> request.putInitialResourceVersions(each.name(), each.version()));

    // When
    send(request);

    // Then
    assertThat(client.take()).isEmpty();
    publish(snapshot(cluster("a")));
    assertThat(takeAll()).containsExactly("Cluster[] without [b]");
  }

  @Test
  void shouldRemoveWhatWentWhileTheClientWasAway() {
    // When
    send(
        ask(ResourceType.CLUSTER)
            .putInitialResourceVersions("a", "outdated")
            .putInitialResourceVersions("gone", "1"));

    // Then
    assertThat(takeAll()).containsExactly("Cluster[a, b] without [gone]");
  }

  @Test
  void shouldTellAtOnceThatANameIsNotThereAndSendItWhenItComes() {
    // When
    send(ask(ResourceType.ENDPOINT, "a", "b"));

    // Then
    assertThat(takeAll()).containsExactly("ClusterLoadAssignment[a] without [b]");
    publish(snapshot(endpoints("a"), endpoints("b"), endpoints("c")));
    assertThat(takeAll()).containsExactly("ClusterLoadAssignment[b]");
  }

  @Test
  void shouldAnswerAWildcardThoughThereIsNothing() {
    // When
    now = snapshot(endpoints("a"));
    send(ask(ResourceType.CLUSTER));

    // Then
    assertThat(takeAll()).containsExactly("Cluster[]");
  }

  @Test
  void shouldSendANameAgainWhenItIsAskedForAgain() {
    // Given
    send(ask(ResourceType.ENDPOINT, "a"));
    takeAll();

    // When
    send(ask(ResourceType.ENDPOINT, "a"));

    // Then
    assertThat(takeAll()).containsExactly("ClusterLoadAssignment[a]");
  }

  @Test
  void shouldSayNothingOfWhatIsNoLongerAskedFor() {
    // Given
    send(ask(ResourceType.ENDPOINT, "a"));
    takeAll();
    send(ask(ResourceType.ENDPOINT).addResourceNamesUnsubscribe("a"));

    // When
    publish(snapshot(cluster("a")));

    // Then
    assertThat(client.take()).isEmpty();
  }

  @Test
  void shouldTellAgainWhatAWildcardBringsWhenItsNameIsUnsubscribed() {
    // Given
    send(ask(ResourceType.CLUSTER, "*", "a", "x"));
    assertThat(takeAll()).containsExactly("Cluster[a, b] without [x]");

    // When
    send(ask(ResourceType.CLUSTER).addResourceNamesUnsubscribe("a"));

    // Then
    assertThat(takeAll()).containsExactly("Cluster[a]");
    send(ask(ResourceType.CLUSTER).addResourceNamesUnsubscribe("*"));
    publish(snapshot(cluster("x"), cluster("y")));
    assertThat(takeAll()).containsExactly("Cluster[x]");
  }

  @Test
  void shouldNotSendAgainWhatWasRefusedUntilItIsAnother() {
    // Given
    send(ask(ResourceType.CLUSTER).setNode(Node.newBuilder().setId("sidecar-1")));
    DeltaDiscoveryRequest.Builder nack = answer(client.takeOne());
    nack.getErrorDetailBuilder().setCode(3).setMessage("clusters[a].type: no");

    // When
    send(nack);

    // Then
    assertThat(client.take()).isEmpty();
    assertThat(client.told).containsExactly("nack clusters sidecar-1: clusters[a].type: no");
    publish(snapshot(cluster("a", "mended"), cluster("b")));
    assertThat(takeAll()).containsExactly("Cluster[a]");
  }

  @Test
  void shouldSendTheNewestWhenAClientIsSlowToAnswer() {
    // Given
    send(ask(ResourceType.CLUSTER));
    DeltaDiscoveryResponse first = client.takeOne();

    // When
    publish(snapshot(cluster("a", "2"), cluster("b")));
    publish(snapshot(cluster("a", "3"), cluster("b"), cluster("c")));

    // Then
    assertThat(client.take()).isEmpty();
    send(answer(first));
    assertThat(takeAll()).containsExactly("Cluster[a, c]");
  }

  @Test
  void shouldTakeClustersAwayWhenRoutesDoWithoutThem() {
    // Given
    now = snapshot(cluster("a"), listener("l", ""), routes("r", "a"));
    send(ask(ResourceType.CLUSTER));
    send(ask(ResourceType.LISTENER));
    send(ask(ResourceType.ROUTE, "r"));
    takeAll();

    // When
    publish(snapshot(cluster("b"), listener("l", ""), routes("r", "b")));

    // Then
    DeltaDiscoveryResponse made = client.takeOne();
    assertThat(text(made)).isEqualTo("Cluster[b]");
    send(answer(made));
    DeltaDiscoveryResponse turned = client.takeOne();
    assertThat(text(turned)).isEqualTo("RouteConfiguration[r]");
    send(answer(turned));
    assertThat(takeAll()).containsExactly("Cluster[] without [a]");
  }

  @Test
  void shouldSendRoutesOfTheSnapshotWhoseClustersAreAcknowledgedHoweverManyComeBehindIt() {
    // Given
    now = snapshot(cluster("a"), routes("r", "a"));
    send(ask(ResourceType.CLUSTER));
    send(ask(ResourceType.ROUTE, "r"));
    takeAll();

    for (int push = 1; push < 6; push += 2) {
      // When: the next one is there before the last one's clusters are acknowledged
      String one = "b" + push;
      String next = "b" + (push + 1);
      publish(snapshot(cluster(one), routes("r", one)));
      DeltaDiscoveryResponse clusters = client.takeOne();
      assertThat(text(clusters)).isEqualTo("Cluster[" + one + "]");
      publish(snapshot(cluster(next), routes("r", next)));
      assertThat(client.take()).isEmpty();
      send(answer(clusters));

      // Then
      List<DeltaDiscoveryResponse> told = client.take();
      assertThat(told.stream().map(DeltaStreamTest::text))
          .containsExactly("Cluster[" + next + "]", "RouteConfiguration[r]");
      assertThat(domain(told.getLast())).isEqualTo(one);
      send(answer(told.getLast()));
      assertThat(client.take()).isEmpty();
      send(answer(told.getFirst()));
      DeltaDiscoveryResponse last = client.takeOne();
      assertThat(domain(last)).isEqualTo(next);
      send(answer(last));
      assertThat(takeAll()).singleElement().asString().startsWith("Cluster[] without ");
    }
  }

  @Test
  void shouldSendEndpointsAgainWhenTheirClusterIsAnother() {
    // Given
    now = snapshot(edsCluster("a", "1"), edsCluster("b", "1"), endpoints("a"), endpoints("b"));
    send(ask(ResourceType.CLUSTER));
    send(ask(ResourceType.ENDPOINT, "a", "b"));
    takeAll();

    // When
    publish(snapshot(edsCluster("a", "2"), edsCluster("b", "1"), endpoints("a"), endpoints("b")));

    // Then
    assertThat(takeAll()).containsExactly("Cluster[a]", "ClusterLoadAssignment[a]");
  }

  @Test
  void shouldSendEndpointsAgainToAClientThatComesBackAndWhoseClusterIsAnother() {
    // Given
    now = snapshot(edsCluster("a", "2"), endpoints("a"));
    String version = now.find(ResourceType.ENDPOINT, "a").orElseThrow().version();

    // When
    send(ask(ResourceType.CLUSTER).putInitialResourceVersions("a", "outdated"));
    send(ask(ResourceType.ENDPOINT, "a").putInitialResourceVersions("a", version));

    // Then
    assertThat(takeAll()).containsExactly("Cluster[a]", "ClusterLoadAssignment[a]");
  }

  private static String domain(DeltaDiscoveryResponse routes) {
    try {
      return routes
          .getResources(0)
          .getResource()
          .unpack(RouteConfiguration.class)
          .getVirtualHosts(0)
          .getDomains(0);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldGoOnWithRoutesWhenClustersAreRefused() {
    // Given
    send(ask(ResourceType.CLUSTER));
    DeltaDiscoveryRequest.Builder nack = answer(client.takeOne());
    nack.getErrorDetailBuilder().setCode(3).setMessage("no");
    now = snapshot(cluster("a"), cluster("b"), listener("l", ""));
    send(ask(ResourceType.LISTENER));
    assertThat(client.take()).isEmpty();

    // When
    send(nack);

    // Then
    assertThat(takeAll()).containsExactly("Listener[l]");
  }

  @Test
  void shouldSayWhatIsAwaitedAndGoOnWithoutItWhenToldTo() {
    // Given
    now = snapshot(cluster("a"), routes("r", "a"));
    send(ask(ResourceType.CLUSTER));
    assertThat(stream.awaited(now)).isEmpty();
    send(ask(ResourceType.ROUTE, "r"));
    DeltaDiscoveryResponse clusters = client.takeOne();
    assertThat(stream.awaited(now)).isPresent();

    // When
    stream.goOn(now);

    // Then
    assertThat(takeAll()).containsExactly("RouteConfiguration[r]");
    assertThat(stream.awaited(now)).isEmpty();
    publish(snapshot(cluster("a"), routes("r", "b")));
    assertThat(client.take()).isEmpty();
    OptionalLong awaited = stream.awaited(now);
    send(answer(clusters));
    assertThat(awaited).isPresent();
    assertThat(takeAll()).containsExactly("RouteConfiguration[r]");
    assertThat(stream.awaited(now)).isEmpty();
  }

  @Test
  void shouldKeepClustersWhileTheRoutesThatDoWithoutThemAreRefused() {
    // Given
    now = snapshot(cluster("a"), routes("r", "a"));
    send(ask(ResourceType.CLUSTER));
    send(ask(ResourceType.ROUTE, "r"));
    takeAll();

    // When
    publish(snapshot(cluster("b"), routes("r", "b")));
    send(answer(client.takeOne()));
    DeltaDiscoveryRequest.Builder nack = answer(client.takeOne());
    nack.getErrorDetailBuilder().setCode(3).setMessage("no");
    send(nack);

    // Then
    assertThat(client.take()).isEmpty();
    publish(snapshot(cluster("b"), routes("r", "c")));
    assertThat(takeAll()).containsExactly("RouteConfiguration[r]", "Cluster[] without [a]");
  }

  @Test
  void shouldAnswerNobodyUntilThereIsSomething() {
    // When
    stream.request(ask(ResourceType.CLUSTER).build(), Optional.empty());

    // Then
    assertThat(client.take()).isEmpty();
    publish(now);
    assertThat(takeAll()).containsExactly("Cluster[a, b]");
  }

  @Test
  void shouldLeaveATypeUnansweredThatNobodyServes() {
    // When
    DeltaDiscoveryRequest.Builder unknown =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl("type.googleapis.com/some.Type");
    send(unknown);
    send(unknown);

    // Then
    assertThat(client.take()).isEmpty();
    assertThat(client.told).containsExactly("unknown type.googleapis.com/some.Type");
  }

  @Test
  void shouldRefuseAnotherTypeOnAStreamOfOne() {
    // Given
    stream = DiscoveryStream.delta(Optional.of(ResourceType.CLUSTER), client);

    // When
    send(DeltaDiscoveryRequest.newBuilder());

    // Then
    assertThat(takeAll()).containsExactly("Cluster[a, b]");
    assertThatThrownBy(() -> send(ask(ResourceType.ROUTE, "r")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "type_url: type.googleapis.com/envoy.config.route.v3.RouteConfiguration (expected:"
                + " type.googleapis.com/envoy.config.cluster.v3.Cluster)");
  }

  @Test
  void shouldRefuseMoreNamesThanItWillRemember() {
    // Given
    DeltaDiscoveryRequest.Builder request = ask(ResourceType.ENDPOINT);
    IntStream.rangeClosed(0, DiscoveryStream.MAX_NAMES)
        .forEach(i -> request.addResourceNamesSubscribe("n" + i));

    // Then
    assertThatThrownBy(() -> send(request))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("resource_names: 200001 (expected: at most 200000 on a stream)");
  }

  @Test
  void shouldRefuseLongerNamesThanItWillRemember() {
    // Given
    String name = "n".repeat(DiscoveryStream.MAX_CHARACTERS / 2);
    send(ask(ResourceType.ENDPOINT, name));

    // Then
    assertThatThrownBy(() -> send(ask(ResourceType.ENDPOINT, name + "2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "resource_names: \\d+ characters \\(expected: at most 33554432 on a stream\\)");
  }

  @Test
  void shouldRememberNoMoreThanTheBeginningOfWhoAsksForWhat() {
    // Given
    String endless = "x".repeat(100_000);
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(endless)
            .setNode(Node.newBuilder().setId(endless));

    // When
    send(request);

    // Then
    assertThat(stream.node()).hasSize(DiscoveryStream.MAX_TEXT + 1).endsWith("x…");
    assertThat(client.told).containsExactly("unknown " + stream.node());
  }
}
