package io.handfast.xds.protocol;

import static io.handfast.xds.protocol.Machines.absent;
import static io.handfast.xds.protocol.Machines.cluster;
import static io.handfast.xds.protocol.Machines.endpoints;
import static io.handfast.xds.protocol.Machines.fault;
import static io.handfast.xds.protocol.Machines.garbage;
import static io.handfast.xds.protocol.Machines.resource;
import static io.handfast.xds.protocol.Machines.sotwResponse;
import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static io.handfast.xds.resource.ResourceType.ENDPOINT;
import static io.handfast.xds.resource.ResourceType.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SotwMachineTest {

  private final Machines sotw = Machines.sotw();

  @Test
  void shouldSendTheNodeOnTheFirstRequestOnlyN1() {
    // Given
    sotw.subscribe(CLUSTER, "*").subscribe(LISTENER, "*");

    // When
    sotw.open();

    // Then
    assertThat(sotw.sotwSent()).extracting(DiscoveryRequest::hasNode).containsExactly(true, false);
  }

  @Test
  void shouldAcknowledgeWithVersionNonceAndNamesA1() {
    // Given
    sotw.subscribe(ENDPOINT, "a", "b").open();

    // When
    sotw.receive(sotwResponse(ENDPOINT, "7", "n1", endpoints("a")));

    // Then
    assertThat(sotw.sotwSent())
        .containsExactly(
            DiscoveryRequest.newBuilder()
                .setTypeUrl(ENDPOINT.typeUrl())
                .setVersionInfo("7")
                .setResponseNonce("n1")
                .addResourceNames("a")
                .addResourceNames("b")
                .build());
  }

  @Test
  void shouldSendLastAckedVersionWhenNackedA2() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();

    // When, Then
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a")), fault("a"));
    DiscoveryRequest first = sotw.sotwSent().getFirst();
    assertThat(first.getVersionInfo()).isEmpty();
    assertThat(first.getResponseNonce()).isEqualTo("n1");
    assertThat(first.getErrorDetail().getCode()).isEqualTo(3);
    assertThat(first.getErrorDetail().getMessage()).contains("clusters[a].lb_policy");
    sotw.receive(sotwResponse(CLUSTER, "2", "n2", cluster("a")));
    sotw.receive(sotwResponse(CLUSTER, "3", "n3", cluster("a")), fault("a"));
    assertThat(sotw.sotwSent().getFirst().getVersionInfo()).isEqualTo("2");
    assertThat(sotw.sotwSent().getFirst().getResponseNonce()).isEqualTo("n3");
  }

  @Test
  void shouldNameEveryErrorAndApplyTheRestA6() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();

    // When
    sotw.receive(
        sotwResponse(CLUSTER, "1", "n1", cluster("a"), garbage(CLUSTER), cluster("b")), fault("b"));

    // Then
    assertThat(sotw.machine.held(CLUSTER)).containsOnlyKeys("a");
    assertThat(sotw.sotwSent().getFirst().getErrorDetail().getMessage())
        .contains("clusters[#1]: not a type.googleapis.com/envoy.config.cluster.v3.Cluster")
        .contains("clusters[b].lb_policy");
  }

  @Test
  void shouldBoundTheDetailWhenAThousandAreBadA6() {
    // Given
    List<io.handfast.xds.resource.ResourceFault> faults =
        java.util.stream.IntStream.range(0, 1000)
            .mapToObj(i -> fault("cluster-with-a-long-name-" + i))
            .toList();

    // When
    String detail = NackDetail.of(faults);

    // Then
    assertThat(detail)
        .hasSizeLessThan(NackDetail.MAX_CHARS + 100)
        .contains("and ")
        .endsWith(" more");
    assertThat(detail.lines().count() - 1 + moreIn(detail)).isEqualTo(1000);
  }

  private static long moreIn(String detail) {
    String last = detail.lines().toList().getLast();
    return Long.parseLong(last.substring("and ".length(), last.length() - " more".length()));
  }

  @Test
  void shouldKeepTheVersionAndForgetTheNonceWhenReconnectedA4() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();
    sotw.receive(sotwResponse(CLUSTER, "7", "n1", cluster("a")));

    // When
    sotw.close("reset").open();

    // Then
    assertThat(sotw.sotwSent().getFirst().getVersionInfo()).isEqualTo("7");
    assertThat(sotw.sotwSent().getFirst().getResponseNonce()).isEmpty();
    assertThat(sotw.sotwSent().getFirst().hasErrorDetail()).isFalse();
  }

  @Test
  void shouldKeepANackBackWhenTheSameComesAgainA7() {
    // Given
    sotw.subscribe(ENDPOINT, "a").open();
    sotw.receive(sotwResponse(ENDPOINT, "1", "n1", endpoints("a")), fault("a"));

    // When
    for (int i = 0; i < 100; i++) {
      sotw.receive(sotwResponse(ENDPOINT, "1", "again" + i, endpoints("a")), fault("a"));
      assertThat(sotw.sotwSent()).isEmpty();
    }

    // Then
    sotw.fire(new TimerKey.Nack(ENDPOINT.typeUrl()));
    assertThat(sotw.sotwSent())
        .extracting(DiscoveryRequest::getResponseNonce)
        .containsExactly("again99");
    assertThat(sotw.sotwSent().getFirst().hasErrorDetail()).isTrue();
  }

  @Test
  void shouldSendTheKeptNackWithNewNamesA7() {
    // Given
    sotw.subscribe(ENDPOINT, "a").open();
    sotw.receive(sotwResponse(ENDPOINT, "1", "n1", endpoints("a")), fault("a"));
    sotw.receive(sotwResponse(ENDPOINT, "1", "n2", endpoints("a")), fault("a"));

    // When
    sotw.subscribe(ENDPOINT, "a", "b");

    // Then
    assertThat(sotw.sotwSent().getFirst().hasErrorDetail()).isTrue();
    assertThat(sotw.sotwSent().getFirst().getResourceNamesList()).containsExactly("a", "b");
    assertThat(sotw.effects)
        .contains(new Effect.CancelTimer(new TimerKey.Nack(ENDPOINT.typeUrl())));
    assertThat(sotw.fire(new TimerKey.Nack(ENDPOINT.typeUrl())).effects).isEmpty();
  }

  @Test
  void shouldLetTheAnswerCarryNamesThatChangedWhileApplyingA1S1() {
    // Given
    sotw.subscribe(ENDPOINT, "a").open();
    sotw.step(new Event.Received(sotwResponse(ENDPOINT, "1", "n1", endpoints("a"))));
    Update update = sotw.delivered();

    // When
    sotw.subscribe(ENDPOINT, "a", "b");

    // Then
    assertThat(sotw.sotwSent()).isEmpty();
    assertThat(sotw.of(Effect.StartTimer.class)).hasSize(1);
    sotw.step(new Event.Applied(update, List.of()));
    assertThat(sotw.sotwSent().getFirst().getResourceNamesList()).containsExactly("a", "b");
    assertThat(sotw.sotwSent().getFirst().getVersionInfo()).isEqualTo("1");
  }

  @Test
  void shouldAcceptTheResourceWrapperA8() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();

    // When
    sotw.receive(
        sotwResponse(CLUSTER, "1", "n1", Any.pack(resource("a", "ignored", cluster("a")))));

    // Then
    assertThat(sotw.delivered().changed()).containsExactly(new Received("a", "1", cluster("a")));
    assertThat(sotw.sotwSent().getFirst().hasErrorDetail()).isFalse();
  }

  @Test
  void shouldRefuseAResourceOfAnotherTypeA8() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();

    // When
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", endpoints("a"), cluster("")));

    // Then
    assertThat(sotw.sotwSent().getFirst().getErrorDetail().getMessage())
        .isEqualTo(
            "clusters[#0]: type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
                + " (expected: type.googleapis.com/envoy.config.cluster.v3.Cluster)\n"
                + "clusters[#1].name: empty (expected: a name)");
  }

  @Test
  void shouldSendOneEmptyListWhenTheLastNameGoesS1() {
    // Given
    sotw.subscribe(CLUSTER, "a").open();
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a")));

    // When
    sotw.subscribe(CLUSTER);

    // Then
    assertThat(sotw.sotwSent()).hasSize(1);
    assertThat(sotw.sotwSent().getFirst().getResourceNamesList()).isEmpty();
    assertThat(sotw.subscribe(CLUSTER).effects).isEmpty();
    sotw.receive(sotwResponse(CLUSTER, "2", "n2", cluster("a"), cluster("b")));
    assertThat(sotw.machine.held(CLUSTER)).isEmpty();
    assertThat(sotw.close("reset").open().sotwSent()).isEmpty();
  }

  @Test
  void shouldAskForEverythingByStarOnceTheStreamHasNamesS1() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();
    assertThat(sotw.sotwSent().getFirst().getResourceNamesList()).isEmpty();

    // When, Then
    sotw.subscribe(CLUSTER, "*", "a");
    assertThat(sotw.sotwSent().getFirst().getResourceNamesList()).containsExactly("*", "a");
    sotw.subscribe(CLUSTER, "*");
    assertThat(sotw.sotwSent().getFirst().getResourceNamesList()).containsExactly("*");
  }

  @Test
  void shouldSayNothingWhenTheEmptyWildcardIsDroppedS1A3() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a")));

    // When
    sotw.subscribe(CLUSTER);

    // Then
    assertThat(sotw.effects).isEmpty();
    sotw.receive(sotwResponse(CLUSTER, "2", "n2", cluster("a")));
    assertThat(sotw.of(Effect.Deliver.class)).isEmpty();
    assertThat(sotw.sotwSent()).extracting(DiscoveryRequest::getVersionInfo).containsExactly("2");
  }

  @Test
  void shouldNotAnswerATypeThatTheStreamNeverAskedForA3() {
    // Given
    sotw.subscribe(LISTENER, "*").open();

    // When
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a")));

    // Then
    assertThat(sotw.effects)
        .containsExactly(new Effect.Ignored(CLUSTER.typeUrl()), new Effect.ReadNext());
  }

  @Test
  void shouldDeleteOmittedClustersAndKeepOmittedEndpointsS4() {
    // Given
    sotw.subscribe(CLUSTER, "*").subscribe(ENDPOINT, "a", "b").open();
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a"), cluster("b")));
    sotw.receive(sotwResponse(ENDPOINT, "1", "n2", endpoints("a"), endpoints("b")));

    // When, Then
    sotw.receive(sotwResponse(CLUSTER, "2", "n3", cluster("b")));
    assertThat(sotw.delivered().removed()).containsExactly("a");
    assertThat(sotw.machine.held(CLUSTER)).containsOnlyKeys("b");
    sotw.receive(sotwResponse(ENDPOINT, "2", "n4", endpoints("b")));
    assertThat(sotw.delivered().removed()).isEmpty();
    assertThat(sotw.machine.held(ENDPOINT)).containsOnlyKeys("a", "b");
  }

  @Test
  void shouldKeepTheOldOneWhenItsNewVersionIsBadS4A6() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a"), cluster("b")));

    // When, Then
    sotw.receive(sotwResponse(CLUSTER, "2", "n2", cluster("a"), cluster("b")), fault("b"));
    assertThat(sotw.machine.held(CLUSTER)).containsEntry("a", "2").containsEntry("b", "1");
    sotw.receive(sotwResponse(CLUSTER, "3", "n3", cluster("a"), garbage(CLUSTER)));
    assertThat(sotw.delivered().removed()).isEmpty();
    assertThat(sotw.machine.held(CLUSTER)).containsOnlyKeys("a", "b");
  }

  @Test
  void shouldTellAnEmptyFirstResponseFromNoneS4() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();

    // When
    sotw.receive(sotwResponse(CLUSTER, "1", "n1"));

    // Then
    assertThat(sotw.delivered().first()).isTrue();
    assertThat(sotw.effects).contains(new Effect.CancelTimer(absent(CLUSTER, "*")));
    sotw.receive(sotwResponse(CLUSTER, "2", "n2"));
    assertThat(sotw.of(Effect.Deliver.class)).isEmpty();
  }

  @Test
  void shouldNotTakeAReportedErrorForADeletionE1S4() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a"), cluster("b")));

    // When
    sotw.receive(
        sotwResponse(CLUSTER, "2", "n2", cluster("a")).toBuilder()
            .addResourceErrors(
                ResourceError.newBuilder()
                    .setResourceName(ResourceName.newBuilder().setName("b"))
                    .setErrorDetail(Status.newBuilder().setCode(14).setMessage("store down")))
            .build());

    // Then
    assertThat(sotw.machine.held(CLUSTER)).containsOnlyKeys("a", "b");
    assertThat(sotw.of(Effect.Failed.class).getFirst().cached()).containsExactly("b");
  }

  @Test
  void shouldThrowWhenTheResponseIsOfAnotherKind() {
    assertThatThrownBy(
            () -> sotw.step(new Event.Received(DeltaDiscoveryResponse.getDefaultInstance())))
        .hasMessageContaining("(expected: DiscoveryResponse)");
  }

  @Test
  void shouldTellThatARefusedOneIsNoMoreWhenItIsNotListedS4() {
    // Given
    sotw.subscribe(CLUSTER, "*").open();
    sotw.receive(sotwResponse(CLUSTER, "1", "n1", cluster("a")), fault("a"));

    // When
    sotw.receive(sotwResponse(CLUSTER, "2", "n2", cluster("b")), fault("b"));

    // Then
    assertThat(sotw.delivered().removed()).containsExactly("a");
    sotw.receive(sotwResponse(CLUSTER, "3", "n3", cluster("c")));
    assertThat(sotw.delivered().removed()).containsExactly("b");
    sotw.receive(sotwResponse(CLUSTER, "4", "n4", cluster("c")));
    assertThat(sotw.delivered().removed()).isEmpty();
  }
}
