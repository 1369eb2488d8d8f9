package io.handfast.xds.status;

import static io.envoyproxy.envoy.admin.v3.ClientResourceStatus.ACKED;
import static io.envoyproxy.envoy.admin.v3.ClientResourceStatus.DOES_NOT_EXIST;
import static io.envoyproxy.envoy.admin.v3.ClientResourceStatus.NACKED;
import static io.envoyproxy.envoy.admin.v3.ClientResourceStatus.RECEIVED_ERROR;
import static io.envoyproxy.envoy.admin.v3.ClientResourceStatus.REQUESTED;
import static io.envoyproxy.envoy.admin.v3.ClientResourceStatus.TIMEOUT;
import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static io.handfast.xds.resource.ResourceType.ENDPOINT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Effect.Failed.Kind;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Content;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import io.handfast.xds.tree.ResourceTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class StatusBookTest {

  private static final ResourceName A = new ResourceName(ENDPOINT, "a");
  private static final ResourceName C = new ResourceName(CLUSTER, "c");
  private static final ResourceSet NOTHING = ResourceSet.of(Bootstrap.getDefaultInstance());

  private long now = 1_000;
  private final Map<String, String> refusals = new HashMap<>();
  private final List<String> heard = new ArrayList<>();
  private final StatusBook book = new StatusBook(() -> now);
  private final ResourceHandler ads = book.recording(new Handler());

  @Test
  void shouldSayWhatIsWantedUntilItComesO1() {
    // When
    want(ENDPOINT, "a", "b");
    want(CLUSTER, "*");

    // Then
    assertThat(book.statuses())
        .extracting(it -> it.name().toString())
        .containsExactly("endpoints[a]", "endpoints[b]");
    assertThat(state(A)).isEqualTo(REQUESTED);

    // When
    want(ENDPOINT, "b");

    // Then
    assertThat(book.find(A)).isEmpty();
  }

  /** What serves comes to rest in the book as well. */
  @Test
  void shouldHoldTheVeryContentThatItWasToldOf() {
    // Given
    want(ENDPOINT, "a");
    Received received = new Received("a", "1", endpoints("a", 1));

    // When
    ads.apply(new Update(ENDPOINT, 1, "n", "1", List.of(received), Set.of(), List.of(), false));

    // Then
    assertThat(book.find(A).orElseThrow().accepted().orElseThrow().content())
        .isSameAs(received.content());
  }

  @Test
  void shouldKeepTheLastGoodOneWithItsTimesWhenTheNextIsRefusedO1() {
    // Given
    want(ENDPOINT, "a");
    apply("1", endpoints("a", 1));
    now = 2_000;
    apply("2", endpoints("a", 1));

    // When
    now = 3_000;
    refusals.put("a", "too many");
    apply("3", endpoints("a", 2));

    // Then
    ResourceStatus status = book.find(A).orElseThrow();
    assertThat(status.state()).isEqualTo(NACKED);
    assertThat(status.accepted())
        .contains(new ResourceStatus.Accepted(new Content<>(endpoints("a", 1)), "2", 2_000, 1_000));
    assertThat(status.failure().orElseThrow().configuration()).contains(endpoints("a", 2));
    assertThat(status.failure().orElseThrow().version()).isEqualTo("3");
    assertThat(status.failure().orElseThrow().attemptMillis()).isEqualTo(3_000);
    assertThat(status.failure().orElseThrow().details()).isEqualTo("endpoints[a]: too many");

    // When
    refusals.clear();
    apply("4", endpoints("a", 3));

    // Then
    assertThat(state(A)).isEqualTo(ACKED);
    assertThat(book.find(A).orElseThrow().failure()).isEmpty();
  }

  @Test
  void shouldSayWhatCouldNotBeReadO1() {
    // When
    ads.apply(
        new Update(
            ENDPOINT,
            1,
            "n",
            "7",
            List.of(),
            Set.of(),
            List.of(ResourceFault.of("a", "endpoints[a]", "not readable")),
            true));

    // Then
    ResourceStatus status = book.find(A).orElseThrow();
    assertThat(status.state()).isEqualTo(NACKED);
    assertThat(status.failure().orElseThrow().configuration()).isEmpty();
    assertThat(status.failure().orElseThrow().version()).isEqualTo("7");
  }

  @Test
  void shouldTellTimeoutsErrorsOfTheServerAndAbsenceApartO1() {
    // Given
    want(ENDPOINT, "a", "b", "d");
    apply("1", endpoints("b", 1));

    // When
    ads.lost(new Effect.Lost(ENDPOINT, Set.of("a"), Effect.Reason.TIMEOUT));
    ads.failed(new Effect.Failed(ENDPOINT, Set.of("d"), Set.of("b"), "code 7", Kind.RESOURCE));

    // Then
    assertThat(state(A)).isEqualTo(TIMEOUT);
    ResourceStatus reported = book.find(new ResourceName(ENDPOINT, "b")).orElseThrow();
    assertThat(reported.state()).isEqualTo(RECEIVED_ERROR);
    assertThat(reported.accepted().orElseThrow().version()).isEqualTo("1");
    assertThat(reported.failure().orElseThrow().details()).isEqualTo("code 7");
    assertThat(state(new ResourceName(ENDPOINT, "d"))).isEqualTo(RECEIVED_ERROR);

    // When
    ads.failed(new Effect.Failed(ENDPOINT, Set.of("a"), Set.of(), "reset", Kind.STREAM));
    remove(ENDPOINT, "b");

    // Then
    assertThat(state(A)).isEqualTo(TIMEOUT);
    assertThat(state(new ResourceName(ENDPOINT, "b"))).isEqualTo(DOES_NOT_EXIST);
    assertThat(heard).contains("lost", "failed");
  }

  @Test
  void shouldShowWhatIsRemovedAsLongAsItServesO1() {
    // Given
    want(CLUSTER, "*");
    apply("1", cluster("c"));
    ResourceSet serving =
        NOTHING.with(CLUSTER, List.of(new Offered<>(cluster("c"), "clusters[c]", "1")), Set.of());

    // When
    remove(CLUSTER, "c");
    book.published(serving, Map.of());

    // Then
    assertThat(state(C)).isEqualTo(DOES_NOT_EXIST);
    assertThat(book.find(C).orElseThrow().accepted()).isPresent();

    // When
    book.published(NOTHING, Map.of());

    // Then
    assertThat(book.statuses()).isEmpty();
  }

  @Test
  void shouldCallRefusedWhatFitsIntoNoConfigurationUntilItDoesO1() {
    // Given
    want(CLUSTER, "*");
    apply("1", cluster("c"));
    ResourceSet offered =
        NOTHING.with(CLUSTER, List.of(new Offered<>(cluster("c"), "clusters[c]", "1")), Set.of());

    // When
    book.published(offered, Map.of(C, List.of(new ConfigError("clusters[c].name", "taken twice"))));
    apply("2", cluster("c"));

    // Then
    assertThat(state(C)).isEqualTo(NACKED);
    assertThat(book.find(C).orElseThrow().failure().orElseThrow().details())
        .isEqualTo("clusters[c].name: taken twice");

    // When
    book.published(offered, Map.of());

    // Then
    assertThat(state(C)).isEqualTo(ACKED);
  }

  /** What stands in for a control plane is told again by it. */
  @Test
  void shouldHoldTheContentThatServesWhenItIsEqual() {
    // Given
    want(CLUSTER, "*");
    apply("1", cluster("c"));
    Offered<Cluster> served = new Offered<>(cluster("c"), "clusters[c]", "0");

    // When
    book.published(NOTHING.with(CLUSTER, List.of(served), Set.of()), Map.of());

    // Then
    assertThat(contentOf(C)).isSameAs(served.content());
  }

  @Test
  void shouldHoldTheContentThatServesWhenItFitsAtLast() {
    // Given
    want(CLUSTER, "*");
    apply("1", cluster("c"));
    Offered<Cluster> served = new Offered<>(cluster("c"), "clusters[c]", "1");
    ResourceSet offered = NOTHING.with(CLUSTER, List.of(served), Set.of());
    book.published(NOTHING, Map.of(C, List.of(new ConfigError("clusters[c].name", "taken twice"))));

    // When
    book.published(offered, Map.of());

    // Then
    assertThat(state(C)).isEqualTo(ACKED);
    assertThat(contentOf(C)).isSameAs(served.content());
  }

  private Content<?> contentOf(ResourceName name) {
    return book.find(name).orElseThrow().accepted().orElseThrow().content();
  }

  @Test
  void shouldForgetWhatTheNextServerDoesNotTellOfO1() {
    // Given
    want(CLUSTER, "*");
    apply("1", cluster("c"));

    // When
    ads.serverChanged();
    apply("1", cluster("other"));
    book.published(NOTHING, Map.of());

    // Then
    assertThat(book.statuses()).extracting(it -> it.name().name()).containsExactly("other");
  }

  @Test
  void shouldForgetAtOnceWhatWasRefusedAndIsRemovedO1() {
    // Given
    want(CLUSTER, "*");
    want(ENDPOINT, "a");
    refusals.put("c", "too many");
    refusals.put("a", "too many");
    apply("1", cluster("c"));
    apply("1", endpoints("a", 1));

    // When
    remove(CLUSTER, "c");
    remove(ENDPOINT, "a");

    // Then
    assertThat(book.find(C)).isEmpty();
    assertThat(state(A)).isEqualTo(DOES_NOT_EXIST);
  }

  private ClientResourceStatus state(ResourceName name) {
    return book.find(name).orElseThrow().state();
  }

  private void want(ResourceType<?> type, String... names) {
    book.wanted(ResourceTree.ADS, type, Set.of(names));
  }

  private void apply(String version, Message message) {
    ResourceType<?> type = message instanceof Cluster ? CLUSTER : ENDPOINT;
    Received received = new Received(type.nameOf(message), version, message);
    ads.apply(new Update(type, 1, "n", version, List.of(received), Set.of(), List.of(), false));
  }

  private void remove(ResourceType<?> type, String name) {
    ads.apply(new Update(type, 1, "n", "", List.of(), Set.of(name), List.of(), false));
  }

  private static Cluster cluster(String name) {
    return Cluster.newBuilder().setName(name).build();
  }

  private static ClusterLoadAssignment endpoints(String name, int seconds) {
    ClusterLoadAssignment.Builder endpoints =
        ClusterLoadAssignment.newBuilder().setClusterName(name);
    endpoints.getPolicyBuilder().setEndpointStaleAfter(Durations.fromSeconds(seconds));
    return endpoints.build();
  }

  private final class Handler implements ResourceHandler {
    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      List<ResourceFault> faults = new ArrayList<>();
      for (Received each : update.changed()) {
        String problem = refusals.get(each.name());
        if (problem != null) {
          faults.add(
              ResourceFault.of(each.name(), update.type() + "[" + each.name() + "]", problem));
        }
      }
      return CompletableFuture.completedFuture(faults);
    }

    @Override
    public void lost(Effect.Lost lost) {
      heard.add("lost");
    }

    @Override
    public void failed(Effect.Failed failed) {
      heard.add("failed");
    }

    @Override
    public void serverChanged() {
      heard.add("serverChanged");
    }
  }
}
