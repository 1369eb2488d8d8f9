package io.handfast.xds.tree;

import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static io.handfast.xds.resource.ResourceType.ENDPOINT;
import static io.handfast.xds.resource.ResourceType.EXTENSION_CONFIG;
import static io.handfast.xds.resource.ResourceType.LISTENER;
import static io.handfast.xds.resource.ResourceType.ROUTE;
import static io.handfast.xds.resource.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.envoyproxy.envoy.config.core.v3.SelfConfigSource;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a version waits for, and what serves meanwhile. */
final class TreeWarmingTest extends TreeFixture {

  @Test
  void shouldServeTheRoutesOfATableThatStayAsTheObjectsThatTheyWere() {
    // Given
    ready();
    RouteConfiguration.Builder longer = route("r", "a").toBuilder();
    longer.getVirtualHostsBuilder(0).addRoutesBuilder().getRouteBuilder().setCluster("a");

    // When
    apply(ROUTE, "2", longer.build());

    // Then
    assertThat(version(ROUTE, "r")).isEqualTo("2");
    assertThat(routes(published.getLast())).hasSize(2);
    assertThat(routes(published.getLast()).getFirst())
        .isSameAs(routes(published.getFirst()).getFirst());
  }

  @Test
  void shouldPublishTheVeryContentThatCame() {
    // Given
    ready();
    Update changed =
        update(
            ENDPOINT,
            "2",
            List.of(),
            endpoints("a").toBuilder().addEndpoints(LocalityLbEndpoints.newBuilder()).build());

    // When
    ads.apply(changed);

    // Then
    assertThat(published.getLast().find(ENDPOINT, "a").orElseThrow().content())
        .isSameAs(changed.changed().getFirst().content());
  }

  private static List<Route> routes(ResourceSet set) {
    return set.get(ROUTE).getFirst().message().getVirtualHosts(0).getRoutesList();
  }

  @Test
  void shouldKeepBackWhatIsStaticUntilWhatItNamesIsThereW1() {
    // Given
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap
        .getStaticResourcesBuilder()
        .addClusters(Cluster.newBuilder().setName("plain").build())
        .addClusters(eds("static"))
        .addListeners(listener("l", "r"));
    List<ResourceSet> sets = new ArrayList<>();
    ResourceTree mixed =
        new ResourceTree(
            ResourceSet.of(bootstrap.build()),
            ResourceTree.Roots.ofAds(Map.of(CLUSTER, Set.of("*"))),
            new ResourceTree.Ports(TYPES, TreeFixture::check, this::ask, sets::add),
            new ResourceTree.Schedule(executor, executor::nanoTime));

    // When
    mixed.start();

    // Then
    assertThat(mixed.initial().get(CLUSTER))
        .extracting(Offered::path)
        .containsExactly("static_resources.clusters[0]");
    assertThat(mixed.initial().get(LISTENER)).isEmpty();
    assertThat(asked).containsEntry("endpoints", "static").containsEntry("routes", "r");
    ResourceHandler handler = mixed.handler(ResourceTree.ADS);
    apply(handler, ENDPOINT, "1", endpoints("static"));
    apply(handler, ROUTE, "1", route("r", "dynamic"));
    assertThat(sets).isEmpty();
    List<ResourceFault> faults =
        apply(handler, CLUSTER, "1", eds("plain"), Cluster.newBuilder().setName("dynamic").build());
    assertThat(faults)
        .extracting(ResourceFault::toString)
        .containsExactly(
            "clusters[plain].name: plain (expected: a name that no static resource has)");
    assertThat(sets).hasSize(1);
    assertThat(sets.getLast().get(CLUSTER))
        .extracting(each -> each.message().getName())
        .containsExactlyInAnyOrder("plain", "static", "dynamic");
    assertThat(sets.getLast().get(LISTENER)).hasSize(1);
  }

  @Test
  void shouldAskForWhatIsNamedAndPublishWhenAllIsThereW1W6() {
    // Given
    assertThat(asked).containsOnly(Map.entry("clusters", "*"), Map.entry("listeners", "*"));

    // When, Then
    apply(CLUSTER, "1", eds("a"), eds("b"));
    assertThat(asked).containsEntry("endpoints", "a b");
    apply(LISTENER, "1", listener("l", "r"));
    assertThat(asked).containsEntry("routes", "r");
    apply(ENDPOINT, "1", endpoints("a"), endpoints("b"));
    assertThat(published).isEmpty();
    assertThat(tree.isInitialised()).isFalse();
    apply(ROUTE, "1", route("r", "a"));
    assertThat(tree.isInitialised()).isTrue();
    assertThat(published).hasSize(1);
    assertThat(names(CLUSTER)).containsExactly("a", "b");
    assertThat(names(ENDPOINT)).containsExactly("a", "b");
    assertThat(names(ROUTE)).containsExactly("r");
    assertThat(names(LISTENER)).containsExactly("l");
    assertThat(published.getLast().get(ROUTE).getFirst().path()).isEqualTo("routes[r]");
  }

  @Test
  void shouldServeTheOldClusterUntilTheNewOneHasItsEndpointsW1() {
    // Given
    ready();

    // When
    apply(CLUSTER, "2", edsOf("a", "a-v2"));

    // Then
    assertThat(asked).containsEntry("endpoints", "a-v2");
    assertThat(version(CLUSTER, "a")).isEqualTo("1");
    assertThat(names(ENDPOINT)).containsExactly("a");
    assertThat(tree.pending()).containsExactly(new ResourceName(CLUSTER, "a"));
    apply(ENDPOINT, "2", endpoints("a-v2"));
    assertThat(version(CLUSTER, "a")).isEqualTo("2");
    assertThat(asked).containsEntry("endpoints", "a-v2");
    assertThat(names(ENDPOINT)).containsExactly("a-v2");
  }

  @Test
  void shouldUseCachedEndpointsWhenAClusterComesAgainW5() {
    // Given
    ready();

    // When
    apply(CLUSTER, "2", eds("a").toBuilder().setConnectTimeout(Durations.fromSeconds(9)).build());

    // Then
    assertThat(version(CLUSTER, "a")).isEqualTo("2");
    assertThat(version(ENDPOINT, "a")).isEqualTo("1");
    assertThat(asked).containsEntry("endpoints", "a");
  }

  @Test
  void shouldKeepTheRouteBackUntilItsClusterComesW8() {
    // Given
    ready();

    // When, Then
    apply(ROUTE, "2", route("r", "a2"));
    remove(CLUSTER, "a");
    assertThat(version(ROUTE, "r")).isEqualTo("1");
    assertThat(names(CLUSTER)).containsExactly("a");
    apply(CLUSTER, "2", eds("a2"));
    assertThat(version(ROUTE, "r")).isEqualTo("1");
    apply(ENDPOINT, "2", endpoints("a2"));
    assertThat(version(ROUTE, "r")).isEqualTo("2");
    assertThat(names(CLUSTER)).containsExactly("a2");
  }

  @Test
  void shouldGoOnWithoutAClusterThatNeverComesW3W8() {
    // Given
    ready();

    // When
    apply(ROUTE, "2", route("r", "nowhere"));
    executor.advance(ResourceTree.HOLD_LIMIT.minusNanos(1));
    assertThat(version(ROUTE, "r")).isEqualTo("1");
    executor.advance(Duration.ofNanos(1));

    // Then
    assertThat(version(ROUTE, "r")).isEqualTo("2");
    assertThat(executor.pendingTimers()).isZero();
  }

  @Test
  void shouldNotStarveWhenVersionsComeFasterThanTheClusterThatTheyWaitForW3W8() {
    // Given
    ready();

    // When
    for (int version = 2; version < 5; version++) {
      apply(ROUTE, String.valueOf(version), route("r", "nowhere-" + version));
      executor.advance(ResourceTree.HOLD_LIMIT.dividedBy(2));
    }

    // Then
    assertThat(version(ROUTE, "r")).isEqualTo("3");
    assertThat(tree.pending()).containsExactly(new ResourceName(ROUTE, "r"));
  }

  @Test
  void shouldNotWaitAgainForAClusterThatIsNotThereW3W8() {
    // Given
    ready();
    apply(ROUTE, "2", route("r", "nowhere"));
    executor.advance(ResourceTree.HOLD_LIMIT);

    // When
    RouteConfiguration.Builder next = route("r", "nowhere").toBuilder();
    apply(ROUTE, "3", next.setIgnorePortInHostMatching(true).build());

    // Then
    assertThat(version(ROUTE, "r")).isEqualTo("3");
    assertThat(executor.pendingTimers()).isZero();
  }

  @Test
  void shouldLoseNoClusterThatServesWhenEveryOneIsRenamedInAnyOrderW8() {
    // Given
    ready();

    // When, Then
    for (int version = 2; version < 50; version++) {
      String old = version == 2 ? "a" : "a" + (version - 1);
      String next = "a" + version;
      List<Runnable> pushes =
          new ArrayList<>(
              List.of(
                  new Push(CLUSTER, version, eds(next), old),
                  new Push(ENDPOINT, version, endpoints(next), ""),
                  new Push(ROUTE, version, route("r", next), "")));
      Collections.shuffle(pushes, new Random(version));
      // A server answers a subscription that it has not seen before, so endpoints come last again.
      pushes.add(new Push(ENDPOINT, version, endpoints(next), ""));
      pushes.forEach(Runnable::run);
      assertThat(version(ROUTE, "r")).isEqualTo(String.valueOf(version));
      assertThat(names(CLUSTER)).containsExactly(next);
    }
    for (ResourceSet each : published) {
      String serving =
          each.get(ROUTE)
              .getFirst()
              .message()
              .getVirtualHosts(0)
              .getRoutes(0)
              .getRoute()
              .getCluster();
      assertThat(each.find(CLUSTER, serving)).isPresent();
      assertThat(each.find(ENDPOINT, serving)).isPresent();
    }
  }

  /** One response: a resource, and one that goes. */
  private final class Push implements Runnable {
    private final ResourceType<?> type;
    private final int version;
    private final Message resource;
    private final String removed;

    Push(ResourceType<?> type, int version, Message resource, String removed) {
      this.type = type;
      this.version = version;
      this.resource = resource;
      this.removed = removed;
    }

    @Override
    public void run() {
      if (!removed.isEmpty()) {
        remove(type, removed);
      }
      String name = type.nameOf(resource);
      // What is not asked for does not get here (A8).
      if (type.complete()
          || List.of(asked.getOrDefault(type.toString(), "").split(" ")).contains(name)) {
        apply(type, String.valueOf(version), resource);
      }
    }
  }

  @Test
  void shouldPublishWithoutWhatTimedOutR1() {
    // Given
    apply(CLUSTER, "1", eds("a"));
    apply(LISTENER, "1", listener("l", "r"));

    // When
    ads.lost(new Effect.Lost(ENDPOINT, Set.of("a"), Effect.Reason.TIMEOUT));
    assertThat(published).isEmpty();
    ads.lost(new Effect.Lost(ROUTE, Set.of("r"), Effect.Reason.REPORTED));

    // Then
    assertThat(names(CLUSTER)).containsExactly("a");
    assertThat(names(ENDPOINT)).isEmpty();
    apply(ENDPOINT, "1", endpoints("a"));
    assertThat(names(ENDPOINT)).containsExactly("a");
  }

  @Test
  void shouldComeUpEmptyWhenNothingIsThereR1() {
    // When
    ads.lost(new Effect.Lost(CLUSTER, Set.of("*"), Effect.Reason.TIMEOUT));
    assertThat(published).isEmpty();
    apply(LISTENER, "1");

    // Then
    assertThat(published).hasSize(1);
    assertThat(names(CLUSTER)).isEmpty();
  }

  @Test
  void shouldKeepTheGoodOneWhenTheNextIsRefusedA6() {
    // Given
    ready();

    // When
    List<ResourceFault> faults =
        apply(CLUSTER, "2", eds("a").toBuilder().setAltStatName("x").build(), eds("b"));

    // Then
    assertThat(faults)
        .containsExactly(ResourceFault.of("a", "clusters[a].alt_stat_name", "x (expected: none)"));
    assertThat(version(CLUSTER, "a")).isEqualTo("1");
    assertThat(asked).containsEntry("endpoints", "a b");
  }

  @Test
  void shouldPublishNothingWhenNothingChangesD8() {
    // Given
    ready();
    int before = published.size();

    // When
    apply(CLUSTER, "2", eds("a"));
    apply(ENDPOINT, "2", endpoints("a"));

    // Then
    assertThat(published).hasSize(before);
  }

  @Test
  void shouldTouchOneClusterOnlyWhenAnEndpointChanges() {
    // Given
    ready();
    ResourceSet before = published.getLast();

    // When
    apply(
        ENDPOINT,
        "2",
        ClusterLoadAssignment.newBuilder()
            .setClusterName("a")
            .setPolicy(ClusterLoadAssignment.Policy.getDefaultInstance())
            .build());

    // Then
    assertThat(version(ENDPOINT, "a")).isEqualTo("2");
    assertThat(published.getLast().get(CLUSTER)).isSameAs(before.get(CLUSTER));
    assertThat(published.getLast().get(LISTENER)).isSameAs(before.get(LISTENER));
  }

  @Test
  void shouldFindSecretsAndFiltersWhereverTheyAreNamedW1() {
    // Given
    apply(CLUSTER, "1");
    ConfigSource sds =
        ConfigSource.newBuilder()
            .setPathConfigSource(PathConfigSource.newBuilder().setPath("/sds.yaml"))
            .setInitialFetchTimeout(Durations.fromSeconds(3))
            .build();
    DownstreamTlsContext.Builder tls = DownstreamTlsContext.newBuilder();
    tls.getCommonTlsContextBuilder()
        .addTlsCertificateSdsSecretConfigsBuilder()
        .setName("cert")
        .setSdsConfig(sds);
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder();
    http.addHttpFiltersBuilder()
        .setName("fault")
        .getConfigDiscoveryBuilder()
        .setConfigSource(ConfigSource.newBuilder().setSelf(SelfConfigSource.getDefaultInstance()));
    Listener.Builder listener = Listener.newBuilder().setName("l");
    listener
        .addFilterChainsBuilder()
        .addFilters(filter(http.build()))
        .getTransportSocketBuilder()
        .setTypedConfig(Any.pack(tls.build()));

    // When
    apply(LISTENER, "1", listener.build());

    // Then
    assertThat(asked)
        .containsEntry("secrets of another source", "cert")
        .containsEntry("extension_configs", "fault");
    assertThat(timeouts)
        .containsEntry("secrets of another source", Duration.ofSeconds(3))
        .containsEntry("extension_configs", Duration.ofSeconds(15));
    tree.handler(sds).apply(update(SECRET, "1", List.of(), secret("cert")));
    assertThat(published).isEmpty();
    ads.lost(new Effect.Lost(EXTENSION_CONFIG, Set.of("fault"), Effect.Reason.TIMEOUT));
    assertThat(names(LISTENER)).containsExactly("l");
    assertThat(names(SECRET)).containsExactly("cert");
  }
}
