package io.handfast.xds.protocol;

import static io.handfast.xds.protocol.Machines.absent;
import static io.handfast.xds.protocol.Machines.cluster;
import static io.handfast.xds.protocol.Machines.deltaResponse;
import static io.handfast.xds.protocol.Machines.endpoints;
import static io.handfast.xds.protocol.Machines.fault;
import static io.handfast.xds.protocol.Machines.resource;
import static io.handfast.xds.protocol.Machines.withTtl;
import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static io.handfast.xds.resource.ResourceType.ENDPOINT;
import static io.handfast.xds.resource.ResourceType.LISTENER;
import static io.handfast.xds.resource.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import io.handfast.xds.protocol.Effect.Failed.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What of a response is taken, and how it is answered. */
final class DeltaAnswerTest {

  private final Machines delta = Machines.delta();

  @Test
  void shouldAcknowledgeByNonceAloneA1D1() {
    // Given
    delta.subscribe(CLUSTER, "*").open();

    // When
    delta.receive(deltaResponse(CLUSTER, "n1", resource("a", "1", cluster("a"))));

    // Then
    assertThat(delta.deltaSent())
        .containsExactly(
            DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(CLUSTER.typeUrl())
                .setResponseNonce("n1")
                .build());
    assertThat(delta.effects.getLast()).isEqualTo(new Effect.ReadNext());
  }

  @Test
  void shouldAddTheErrorToTheNonceWhenNackedA2D1() {
    // Given
    delta.subscribe(CLUSTER, "*").open();

    // When
    delta.receive(deltaResponse(CLUSTER, "n1", resource("a", "1", cluster("a"))), fault("a"));

    // Then
    DeltaDiscoveryRequest nack = delta.deltaSent().getFirst();
    assertThat(nack.getResponseNonce()).isEqualTo("n1");
    assertThat(nack.getErrorDetail().getMessage())
        .isEqualTo("clusters[a].lb_policy: 9 (expected: less)");
    assertThat(delta.machine.held(CLUSTER)).isEmpty();
  }

  @Test
  void shouldKeepWhatIsValidOfANackedResponseA6() {
    // Given
    delta.subscribe(CLUSTER, "*").open();

    // When
    delta.receive(
        deltaResponse(
            CLUSTER,
            "n1",
            resource("a", "1", cluster("a")),
            resource("b", "1", cluster("b")),
            resource("c", "1", cluster("c"))),
        fault("b"),
        fault("c"));

    // Then
    assertThat(delta.machine.held(CLUSTER)).containsOnlyKeys("a");
    assertThat(delta.deltaSent().getFirst().getErrorDetail().getMessage())
        .isEqualTo(
            "clusters[b].lb_policy: 9 (expected: less)\n"
                + "clusters[c].lb_policy: 9 (expected: less)");
  }

  @Test
  void shouldRefuseAResourceWhoseOwnNameIsNotThatOfItsEnvelope() {
    // Given
    delta.subscribe(ROUTE, "r").open();

    // When
    delta.receive(
        deltaResponse(
            ROUTE, "n1", resource("r", "1", RouteConfiguration.newBuilder().setName("q").build())));

    // Then
    assertThat(delta.deltaSent().getFirst().getErrorDetail().getMessage())
        .isEqualTo("routes[r].name: q (expected: the name of its envelope)");
    assertThat(delta.machine.held(ROUTE)).isEmpty();
  }

  @Test
  void shouldAnswerATypeThatNobodyWantsAnyMoreA3() {
    // Given
    delta.subscribe(ENDPOINT, "a").open().subscribe(ENDPOINT);

    // When
    delta.receive(deltaResponse(ENDPOINT, "n1", resource("a", "1", endpoints("a"))));

    // Then
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getResponseNonce)
        .containsExactly("n1");
    assertThat(delta.effects).contains(new Effect.ReadNext());
    assertThat(delta.machine.held(ENDPOINT)).isEmpty();
  }

  @Test
  void shouldReadOnWhenTheTypeIsUnknownA3() {
    // Given
    delta.subscribe(CLUSTER, "*").open();

    // When
    delta.step(
        new Event.Received(
            DeltaDiscoveryResponse.newBuilder().setTypeUrl("type/unknown").setNonce("1").build()));

    // Then
    assertThat(delta.effects)
        .containsExactly(new Effect.Ignored("type/unknown"), new Effect.ReadNext());
  }

  @Test
  void shouldRecordWhatWasAppliedWhenTheStreamEndedMeanwhileA4() {
    // Given
    delta.subscribe(CLUSTER, "*").open();
    delta.step(new Event.Received(deltaResponse(CLUSTER, "n1", resource("a", "7", cluster("a")))));
    Update late = delta.delivered();
    delta.close("reset").open();

    // When
    delta.step(new Event.Applied(late, List.of()));

    // Then
    assertThat(delta.effects).isEmpty();
    assertThat(delta.machine.held(CLUSTER)).containsEntry("a", "7");
  }

  @Test
  void shouldSpaceNacksOfOneTypeA7() {
    // Given
    delta.subscribe(CLUSTER, "*").subscribe(LISTENER, "*").open();
    Resource bad = resource("a", "1", cluster("a"));
    delta.receive(deltaResponse(CLUSTER, "n1", bad), fault("a"));
    assertThat(delta.deltaSent()).hasSize(1);
    TimerKey timer = new TimerKey.Nack(CLUSTER.typeUrl());

    // When, Then
    delta.receive(deltaResponse(CLUSTER, "n2", bad), fault("a"));
    assertThat(delta.deltaSent()).isEmpty();
    assertThat(delta.effects)
        .contains(new Effect.StartTimer(timer, Duration.ofSeconds(1)), new Effect.ReadNext());
    delta.receive(deltaResponse(LISTENER, "m1"));
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getResponseNonce)
        .containsExactly("m1");
    delta.fire(timer);
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getResponseNonce)
        .containsExactly("n2");
    delta.receive(deltaResponse(CLUSTER, "n3", bad), fault("a"));
    assertThat(delta.of(Effect.StartTimer.class))
        .containsExactly(new Effect.StartTimer(timer, Duration.ofSeconds(2)));
    delta.receive(deltaResponse(CLUSTER, "n4", resource("a", "2", cluster("a"))));
    assertThat(delta.effects).contains(new Effect.CancelTimer(timer));
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getResponseNonce)
        .containsExactly("n4");
    delta.receive(deltaResponse(CLUSTER, "n5", resource("a", "3", cluster("a"))), fault("a"));
    assertThat(delta.deltaSent()).hasSize(1);
  }

  @Test
  void shouldRefuseANameThatComesTwiceA8() {
    // Given
    delta.subscribe(CLUSTER, "*").open();

    // When
    delta.receive(
        deltaResponse(
            CLUSTER,
            "n1",
            resource("a", "1", cluster("a")),
            resource("b", "1", cluster("b")),
            resource("a", "2", cluster("a"))));

    // Then
    assertThat(delta.deltaSent().getFirst().getErrorDetail().getMessage())
        .isEqualTo("clusters[a]: twice in one response (expected: each name once)");
    assertThat(delta.machine.held(CLUSTER)).containsOnlyKeys("b");
  }

  @Test
  void shouldIgnoreWhatWasNotAskedForA8D8() {
    // Given
    delta.subscribe(ENDPOINT, "a").open();
    delta.receive(deltaResponse(ENDPOINT, "n0"));

    // When
    delta.receive(deltaResponse(ENDPOINT, "n1", resource("early", "1", endpoints("early"))));

    // Then
    assertThat(delta.of(Effect.Deliver.class)).isEmpty();
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getResponseNonce)
        .containsExactly("n1");
    assertThat(delta.machine.held(ENDPOINT)).isEmpty();
  }

  @Test
  void shouldNotDeliverAnUnchangedVersionAgainD8() {
    // Given
    delta.subscribe(CLUSTER, "*").open();
    delta.receive(deltaResponse(CLUSTER, "n1", resource("a", "1", cluster("a"))));

    // When
    delta.receive(deltaResponse(CLUSTER, "n2", resource("a", "1", cluster("a"))));

    // Then
    assertThat(delta.of(Effect.Deliver.class)).isEmpty();
    assertThat(delta.deltaSent())
        .extracting(DeltaDiscoveryRequest::getResponseNonce)
        .containsExactly("n2");
  }

  @Test
  void shouldDeliverWhatIsHeldWhenItComesAgainAfterANewerOneWasRefusedA6() {
    // Given
    delta.subscribe(ENDPOINT, "a").open();
    delta.receive(deltaResponse(ENDPOINT, "n1", resource("a", "1", endpoints("a"))));
    delta.receive(deltaResponse(ENDPOINT, "n2", resource("a", "2", endpoints("a"))), fault("a"));

    // When
    delta.receive(deltaResponse(ENDPOINT, "n3", resource("a", "1", endpoints("a"))));

    // Then
    assertThat(delta.of(Effect.Deliver.class))
        .flatExtracting(each -> each.update().changed())
        .extracting(Received::version)
        .containsExactly("1");
  }

  @Test
  void shouldKeepWhatTheServerReportsAnErrorOfE1() {
    // Given
    delta.subscribe(ENDPOINT, "a", "b").open();
    delta.receive(deltaResponse(ENDPOINT, "n1", resource("a", "1", endpoints("a"))));

    // When
    delta.receive(withErrors(deltaResponse(ENDPOINT, "n2"), "a", "b"));

    // Then
    String text = "the control plane reports code 7: not yours";
    assertThat(delta.of(Effect.Failed.class))
        .containsExactly(
            new Effect.Failed(ENDPOINT, Set.of(), Set.of("a"), text, Kind.RESOURCE),
            new Effect.Failed(ENDPOINT, Set.of("b"), Set.of(), text, Kind.RESOURCE));
    assertThat(delta.effects).contains(new Effect.CancelTimer(absent(ENDPOINT, "b")));
    assertThat(delta.deltaSent().getFirst().hasErrorDetail()).isFalse();
    assertThat(delta.machine.held(ENDPOINT)).containsOnlyKeys("a");
  }

  @Test
  void shouldDropWhatTheServerReportsAnErrorOfWhenConfiguredE1() {
    // Given
    Machines strict = Machines.delta(true).subscribe(ENDPOINT, "a").open();
    strict.receive(deltaResponse(ENDPOINT, "n1", resource("a", "1", endpoints("a"))));

    // When
    strict.receive(withErrors(deltaResponse(ENDPOINT, "n2"), "a"));

    // Then
    assertThat(strict.delivered().removed()).containsExactly("a");
    assertThat(strict.machine.held(ENDPOINT)).isEmpty();
  }

  private static DeltaDiscoveryResponse withErrors(
      DeltaDiscoveryResponse response, String... names) {
    DeltaDiscoveryResponse.Builder with = response.toBuilder();
    for (String name : names) {
      with.addResourceErrors(
          ResourceError.newBuilder()
              .setResourceName(ResourceName.newBuilder().setName(name))
              .setErrorDetail(Status.newBuilder().setCode(7).setMessage("not yours")));
    }
    return with.build();
  }

  @Test
  void shouldTakeHeartbeatsAndDropWhatHasNoneX1() {
    // Given
    TimerKey ttl = new TimerKey.Ttl(ENDPOINT.typeUrl(), "a");
    Duration minute = Duration.ofMinutes(1);
    delta.subscribe(ENDPOINT, "a").open();
    delta.receive(
        deltaResponse(ENDPOINT, "n1", withTtl(resource("a", "1", endpoints("a")), minute)));
    assertThat(delta.effects).contains(new Effect.StartTimer(ttl, minute));

    // When
    delta.receive(
        deltaResponse(
            ENDPOINT,
            "n2",
            withTtl(Resource.newBuilder().setName("a").setVersion("1").build(), minute)));

    // Then
    assertThat(delta.effects).contains(new Effect.StartTimer(ttl, minute));
    assertThat(delta.of(Effect.Deliver.class)).isEmpty();
    delta.close("the TTL runs on");
    delta.fire(ttl);
    assertThat(delta.effects)
        .containsExactly(new Effect.Lost(ENDPOINT, Set.of("a"), Effect.Reason.EXPIRED));
    assertThat(delta.machine.held(ENDPOINT)).isEmpty();
  }

  @Test
  void shouldForgetTheTtlWhenTheNextVersionHasNoneX1() {
    // Given
    delta.subscribe(ENDPOINT, "a").open();
    Duration minute = Duration.ofMinutes(1);
    delta.receive(
        deltaResponse(ENDPOINT, "n1", withTtl(resource("a", "1", endpoints("a")), minute)));

    // When
    delta.receive(deltaResponse(ENDPOINT, "n2", resource("a", "2", endpoints("a"))));

    // Then
    TimerKey ttl = new TimerKey.Ttl(ENDPOINT.typeUrl(), "a");
    assertThat(delta.effects).contains(new Effect.CancelTimer(ttl));
    assertThat(delta.fire(ttl).effects).isEmpty();
  }
}
