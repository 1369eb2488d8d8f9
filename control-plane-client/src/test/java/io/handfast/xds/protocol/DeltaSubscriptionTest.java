package io.handfast.xds.protocol;

import static io.handfast.xds.protocol.Machines.FETCH;
import static io.handfast.xds.protocol.Machines.NODE;
import static io.handfast.xds.protocol.Machines.absent;
import static io.handfast.xds.protocol.Machines.cluster;
import static io.handfast.xds.protocol.Machines.deltaResponse;
import static io.handfast.xds.protocol.Machines.endpoints;
import static io.handfast.xds.protocol.Machines.fault;
import static io.handfast.xds.protocol.Machines.resource;
import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static io.handfast.xds.resource.ResourceType.ENDPOINT;
import static io.handfast.xds.resource.ResourceType.LISTENER;
import static io.handfast.xds.resource.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import io.handfast.xds.protocol.Effect.Failed.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is asked for, what is waited for, and what a removal does. */
final class DeltaSubscriptionTest {

  private final Machines delta = Machines.delta();

  @Test
  void shouldSendTheNodeOnTheFirstRequestOfEveryStreamN1() {
    // Given
    delta.subscribe(CLUSTER, "*").subscribe(LISTENER, "*");

    // When, Then
    delta.open();
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::hasNode)
        .containsExactly(true, false);
    assertThat(delta.deltaSent().getFirst().getNode()).isEqualTo(NODE);
    delta.close("gone").open();
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::hasNode)
        .containsExactly(true, false);
  }

  @Test
  void shouldSendTheNodeOnEachRequestWhereServersMayLookForItN1() {
    for (Machines machine : Machines.ofFewAssumptions()) {
      // Given
      machine.subscribe(ENDPOINT, "a").subscribe(LISTENER, "*");

      // When, Then
      machine.open();
      assertThat(nodes(machine)).containsExactly(NODE, NODE);
      machine.subscribe(ENDPOINT, "a", "b");
      assertThat(nodes(machine)).containsExactly(NODE);
    }
  }

  private static List<Message> nodes(Machines machine) {
    return machine.effects.stream()
        .filter(Effect.Send.class::isInstance)
        .map(effect -> ((Effect.Send) effect).request())
        .map(request ->
            (Message) request.getField(request.getDescriptorForType().findFieldByName("node")))
        .toList();
  }

  @Test
  void shouldForgetNoncesButNoVersionsWhenReconnectedA4D3() {
    // Given
    delta.subscribe(LISTENER, "*").subscribe(ENDPOINT, "a").subscribe(CLUSTER, "*").open();
    delta.receive(deltaResponse(CLUSTER, "n1", resource("a", "7", cluster("a"))));
    delta.receive(deltaResponse(ENDPOINT, "n2", resource("a", "8", endpoints("a"))));

    // When
    delta.close("reset").open();

    // Then
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getTypeUrl)
        .containsExactly(CLUSTER.typeUrl(), ENDPOINT.typeUrl(), LISTENER.typeUrl());
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getResponseNonce)
        .containsOnly("");
    assertThat(delta.deltaSent().get(0).getInitialResourceVersionsMap()).containsEntry("a", "7");
    assertThat(delta.deltaSent().get(1).getInitialResourceVersionsMap()).containsEntry("a", "8");
    assertThat(delta.deltaSent().get(1).getResourceNamesSubscribeList()).containsExactly("a");
    assertThat(delta.deltaSent().get(2).getInitialResourceVersionsMap()).isEmpty();
  }

  @Test
  void shouldSendNoNonceWhenNamesChangeD1() {
    // Given
    delta.subscribe(ENDPOINT, "a", "b").open();
    delta.receive(deltaResponse(ENDPOINT, "n1", resource("a", "1", endpoints("a"))));

    // When
    delta.subscribe(ENDPOINT, "b", "c");

    // Then
    assertThat(delta.deltaSent())
        .containsExactly(
            DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(ENDPOINT.typeUrl())
                .addResourceNamesSubscribe("c")
                .addResourceNamesUnsubscribe("a")
                .build());
    assertThat(delta.machine.held(ENDPOINT)).isEmpty();
  }

  @Test
  void shouldUnsubscribeTheLastNameWithoutAskingForEverythingS1() {
    // Given
    delta.subscribe(CLUSTER, "a").open();

    // When
    delta.subscribe(CLUSTER);

    // Then
    assertThat(delta.deltaSent().getFirst().getResourceNamesUnsubscribeList()).containsExactly("a");
    delta.close("reset").open();
    assertThat(delta.deltaSent()).isEmpty();
  }

  @Test
  void shouldAskForEverythingByAnEmptyListUntilNamesJoinD4S1() {
    // Given
    delta.subscribe(CLUSTER, "*").open();
    assertThat(delta.deltaSent().getFirst().getResourceNamesSubscribeList()).isEmpty();

    // When, Then
    delta.subscribe(CLUSTER, "*", "a");
    assertThat(delta.deltaSent().getFirst().getResourceNamesSubscribeList())
        .containsExactly("*", "a");
    delta.receive(
        deltaResponse(
            CLUSTER, "n", resource("a", "1", cluster("a")), resource("b", "1", cluster("b"))));
    delta.subscribe(CLUSTER, "a");
    assertThat(delta.deltaSent().getFirst().getResourceNamesUnsubscribeList()).containsExactly("*");
    assertThat(delta.machine.held(CLUSTER)).containsOnlyKeys("a");
  }

  @Test
  void shouldKeepWhatTheWildcardBringsWhenANameIsUnsubscribedD4() {
    // Given
    delta.subscribe(CLUSTER, "*", "a").open();
    delta.receive(deltaResponse(CLUSTER, "n", resource("a", "1", cluster("a"))));

    // When
    delta.subscribe(CLUSTER, "*");

    // Then
    assertThat(delta.deltaSent().getFirst().getResourceNamesUnsubscribeList()).containsExactly("a");
    assertThat(delta.machine.held(CLUSTER)).containsOnlyKeys("a");
  }

  @Test
  void shouldRemoveWhatIsRemovedAndKeepWhatIsNotMentionedD4() {
    // Given
    delta.subscribe(CLUSTER, "*").open();
    delta.receive(
        deltaResponse(
            CLUSTER,
            "n1",
            resource("a", "1", cluster("a")),
            resource("b", "1", cluster("b")),
            resource("c", "1", cluster("c"))));

    // When
    delta.receive(
        deltaResponse(CLUSTER, "n2", resource("b", "2", cluster("b"))).toBuilder()
            .addRemovedResources("a")
            .build());

    // Then
    assertThat(delta.delivered().removed()).containsExactly("a");
    assertThat(delta.delivered().changed()).extracting(Received::name).containsExactly("b");
    assertThat(delta.machine.held(CLUSTER)).containsOnlyKeys("b", "c");
  }

  @Test
  void shouldTakeRemovalAsAbsenceAtOnceD4R1() {
    // Given
    delta.subscribe(ENDPOINT, "a").open();

    // When
    delta.receive(
        deltaResponse(ENDPOINT, "n1").toBuilder()
            .addRemovedResourceNames(ResourceName.newBuilder().setName("a"))
            .build());

    // Then
    assertThat(delta.delivered().removed()).containsExactly("a");
    assertThat(delta.effects).contains(new Effect.CancelTimer(absent(ENDPOINT, "a")));
  }

  @Test
  void shouldWaitFromTheRequestOnAndStillTakeLateDataR1() {
    // Given
    delta.subscribe(ROUTE, "r");
    assertThat(delta.effects).isEmpty();
    delta.open();
    assertThat(delta.effects).contains(new Effect.StartTimer(absent(ROUTE, "r"), FETCH));

    // When
    delta.fire(absent(ROUTE, "r"));

    // Then
    assertThat(delta.effects)
        .containsExactly(new Effect.Lost(ROUTE, Set.of("r"), Effect.Reason.TIMEOUT));
    delta.receive(
        deltaResponse(
            ROUTE, "n1", resource("r", "1", RouteConfiguration.newBuilder().setName("r").build())));
    assertThat(delta.machine.held(ROUTE)).containsOnlyKeys("r");
  }

  @Test
  void shouldCancelTheAbsentTimerWhenNackedOrDisconnectedR1() {
    // Given
    delta.subscribe(ENDPOINT, "a", "b").open();

    // When, Then
    delta.receive(deltaResponse(ENDPOINT, "n", resource("a", "1", endpoints("a"))), fault("a"));
    assertThat(delta.effects).contains(new Effect.CancelTimer(absent(ENDPOINT, "a")));
    delta.close("reset");
    assertThat(delta.effects).containsExactly(new Effect.CancelTimer(absent(ENDPOINT, "b")));
    assertThat(delta.fire(absent(ENDPOINT, "b")).effects).isEmpty();
  }

  @Test
  void shouldWaitForEverWhenTheTimeoutIsZeroR1() {
    // Given
    delta.step(new Event.Subscribed(ENDPOINT, Set.of("a"), Duration.ZERO));

    // When
    delta.open();

    // Then
    assertThat(delta.of(Effect.StartTimer.class)).isEmpty();
    assertThatThrownBy(() -> new Event.Subscribed(ENDPOINT, Set.of("a"), Duration.ofSeconds(-1)))
        .hasMessage("initial_fetch_timeout: PT-1S (expected: >= 0)");
  }

  @Test
  void shouldTellErrorsAsAmbientUnlessNothingIsCachedC2() {
    // Given
    delta.subscribe(CLUSTER, "*").subscribe(ENDPOINT, "a", "b").open();
    delta.receive(deltaResponse(ENDPOINT, "n", resource("a", "1", endpoints("a"))));
    delta.close("after a response");
    assertThat(delta.of(Effect.Failed.class)).isEmpty();

    // When
    delta.close("connection refused");

    // Then
    assertThat(delta.of(Effect.Failed.class))
        .containsExactly(
            new Effect.Failed(CLUSTER, Set.of("*"), Set.of(), "connection refused", Kind.STREAM),
            new Effect.Failed(
                ENDPOINT, Set.of("b"), Set.of("a"), "connection refused", Kind.STREAM));
    assertThat(delta.machine.held(ENDPOINT)).containsOnlyKeys("a");
  }

  @Test
  void shouldKnowAFederatedNameByItsSortedParametersX1() {
    // Given
    String base = "xdstp://cp/envoy.config.endpoint.v3.ClusterLoadAssignment/shop/a";
    delta.subscribe(ENDPOINT, base + "?zone=1&env=prod").open();
    assertThat(delta.deltaSent().getFirst().getResourceNamesSubscribeList())
        .containsExactly(base + "?env=prod&zone=1");

    // When
    delta.receive(
        deltaResponse(ENDPOINT, "n1", resource(base + "?zone=1&env=prod", "1", endpoints("a"))));

    // Then
    assertThat(delta.machine.held(ENDPOINT)).containsOnlyKeys(base + "?env=prod&zone=1");
  }

  @Test
  void shouldTakeMembersOfACollectionX1() {
    // Given
    String base = "xdstp://cp/envoy.config.cluster.v3.Cluster/shop/";
    delta.subscribe(CLUSTER, base + "*").open();

    // When
    delta.receive(
        deltaResponse(
            CLUSTER,
            "n1",
            resource(base + "a", "1", cluster("a")),
            resource("xdstp://other/envoy.config.cluster.v3.Cluster/shop/b", "1", cluster("b"))));

    // Then
    assertThat(delta.machine.held(CLUSTER)).containsOnlyKeys(base + "a");
    assertThat(delta.effects).contains(new Effect.CancelTimer(absent(CLUSTER, base + "*")));
    delta.close("reset").close("refused");
    assertThat(delta.of(Effect.Failed.class).getFirst().uncached()).isEmpty();
  }

  @Test
  void shouldNotAskForAFederatedNameOfAnotherTypeX1() {
    // Given
    String wrong = "xdstp://cp/envoy.config.cluster.v3.Cluster/a";
    delta.open();

    // When
    delta.subscribe(ENDPOINT, wrong);

    // Then
    assertThat(delta.effects)
        .containsExactly(
            new Effect.Failed(
                ENDPOINT,
                Set.of(wrong),
                Set.of(),
                wrong + " (expected: a name of envoy.config.endpoint.v3.ClusterLoadAssignment)",
                Kind.RESOURCE));
  }

  @Test
  void shouldThrowWhenTheEventIsABug() {
    assertThatThrownBy(() -> delta.step(new Event.Received(DiscoveryResponse.getDefaultInstance())))
        .hasMessageContaining("(expected: DeltaDiscoveryResponse)");
    delta.open();
    assertThatThrownBy(delta::open).hasMessage("Opened: twice (expected: Closed between)");
  }
}
