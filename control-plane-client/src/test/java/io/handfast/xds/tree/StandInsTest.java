package io.handfast.xds.tree;

import static io.handfast.xds.resource.ResourceType.CLUSTER;
import static io.handfast.xds.resource.ResourceType.ENDPOINT;
import static io.handfast.xds.resource.ResourceType.LISTENER;
import static io.handfast.xds.resource.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ManualExecutor;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A listener with a route to a cluster, saved by an earlier process. */
final class StandInsTest {

  private final ManualExecutor executor = new ManualExecutor();
  private final List<ResourceSet> published = new ArrayList<>();
  private final ResourceTree tree =
      new ResourceTree(
          ResourceSet.of(Bootstrap.getDefaultInstance()),
          ResourceTree.Roots.ofAds(Map.of(CLUSTER, Set.of("*"), LISTENER, Set.of("*"))),
          new ResourceTree.Ports(
              TypeRegistry.of(List.of(HttpConnectionManager.getDefaultInstance())),
              StandInsTest::check,
              (source, type, names, timeout) -> {},
              published::add),
          new ResourceTree.Schedule(executor, executor::nanoTime));
  private final ResourceHandler ads = tree.handler(ResourceTree.ADS);

  StandInsTest() {
    tree.start();
  }

  private static List<ConfigError> check(
      ResourceType<?> type, Offered<? extends Message> resource) {
    return resource.message() instanceof Cluster cluster && !cluster.getAltStatName().isEmpty()
        ? List.of(new ConfigError(resource.path() + ".alt_stat_name", "x (expected: none)"))
        : List.of();
  }

  @Test
  void shouldServeWhatIsSavedUntilServersHaveToldOfAllC5() {
    // When
    assertThat(tree.standIn(saved())).isTrue();

    // Then
    assertThat(published).hasSize(1);
    assertThat(now())
        .containsExactly("clusters a old", "endpoints a old", "listeners l old", "routes r old");
    assertThat(tree.isStandingIn()).isTrue();
    apply(CLUSTER, cluster("a"));
    apply(ENDPOINT, endpoints("a"));
    apply(LISTENER, listener("l", "r"));
    assertThat(tree.isStandingIn()).isTrue();
    apply(ROUTE, route("r", "a"));
    assertThat(tree.isStandingIn()).isFalse();
    assertThat(published).as("nothing has changed").hasSize(1);
  }

  @Test
  void shouldMakeBeforeBreakWhenTheTruthIsAnotherC5() {
    // Given
    tree.standIn(saved());

    // When: all but the listener has another name
    apply(CLUSTER, cluster("b"));

    // Then
    assertThat(now()).contains("clusters a old", "routes r old");
    apply(ENDPOINT, endpoints("b"));
    apply(LISTENER, listener("l", "s"));
    assertThat(now()).contains("listeners l old", "clusters a old");
    apply(ROUTE, route("s", "b"));
    assertThat(now()).contains("listeners l new", "routes s new").doesNotContain("routes r old");
    executor.advance(ResourceTree.KEEP_LIMIT);
    assertThat(now())
        .containsExactly("clusters b new", "endpoints b new", "listeners l new", "routes s new");
    assertThat(tree.isStandingIn()).isFalse();
  }

  @Test
  void shouldKeepWhatIsSavedWhenServersAreConnectedAndSilentC5() {
    // Given
    tree.standIn(saved());

    // When
    ads.lost(new Effect.Lost(CLUSTER, Set.of("*"), Effect.Reason.TIMEOUT));
    ads.lost(new Effect.Lost(LISTENER, Set.of("*"), Effect.Reason.TIMEOUT));
    ads.lost(new Effect.Lost(ENDPOINT, Set.of("a"), Effect.Reason.TIMEOUT));
    ads.lost(new Effect.Lost(ROUTE, Set.of("r"), Effect.Reason.TIMEOUT));

    // Then
    assertThat(now()).hasSize(4);
    assertThat(tree.isStandingIn()).isTrue();
  }

  @Test
  void shouldNotOverrideWhatAServerHasToldAlreadyC5() {
    // Given: it fell silent before it had told of everything
    apply(CLUSTER, cluster("b"), cluster("c"));
    apply(LISTENER, listener("l", "new"));
    assertThat(published).isEmpty();

    // When
    tree.standIn(saved());

    // Then: the saved listener serves until the new one has its route, and what it needs with it
    assertThat(now())
        .containsExactly("clusters a old", "endpoints a old", "listeners l old", "routes r old");
    apply(ENDPOINT, endpoints("b"), endpoints("c"));
    apply(ROUTE, route("new", "b"));
    executor.advance(ResourceTree.KEEP_LIMIT);
    assertThat(now())
        .containsExactly(
            "clusters b new",
            "clusters c new",
            "endpoints b new",
            "endpoints c new",
            "listeners l new",
            "routes new new");
  }

  @Test
  void shouldDoNothingOnceServersHaveToldOfEverythingC5() {
    // Given
    apply(CLUSTER);
    apply(LISTENER);
    assertThat(published).hasSize(1);

    // When, Then
    assertThat(tree.standIn(saved())).isFalse();
    assertThat(now()).isEmpty();
    assertThat(tree.isStandingIn()).isFalse();
  }

  @Test
  void shouldLeaveOutWhatThisVersionDoesNotAcceptC5() {
    // Given
    Cluster refused = cluster("a").toBuilder().setAltStatName("x").build();

    // When
    tree.standIn(saved().with(CLUSTER, List.of(offered(CLUSTER, refused)), Set.of()));

    // Then
    assertThat(now()).containsExactly("listeners l old", "routes r old");
  }

  @Test
  void shouldKeepTheSavedOneWhenItsFirstVersionIsRefusedC5() {
    // Given
    tree.standIn(saved());

    // When
    apply(CLUSTER, cluster("a").toBuilder().setAltStatName("x").build());

    // Then
    assertThat(now()).contains("clusters a old");
  }

  /** Others keep what was told, and nothing is made of it that would bring it to rest. */
  @Test
  void shouldBringToRestWhatIsToldAsItIsSaved() {
    // Given
    tree.standIn(saved());
    Received told = new Received("a", "new", cluster("a"));

    // When
    ads.apply(new Update(CLUSTER, 1, "n", "new", List.of(told), Set.of(), List.of(), false));

    // Then
    assertThat(told.message()).isEqualTo(cluster("a")).isNotSameAs(told.message());
  }

  private static ResourceSet saved() {
    return ResourceSet.of(Bootstrap.getDefaultInstance())
        .with(CLUSTER, List.of(offered(CLUSTER, cluster("a"))), Set.of())
        .with(ENDPOINT, List.of(offered(ENDPOINT, endpoints("a"))), Set.of())
        .with(LISTENER, List.of(offered(LISTENER, listener("l", "r"))), Set.of())
        .with(ROUTE, List.of(offered(ROUTE, route("r", "a"))), Set.of());
  }

  private static <M extends Message> Offered<M> offered(ResourceType<M> type, M message) {
    return new Offered<>(message, new ResourceName(type, type.nameOf(message)).toString(), "old");
  }

  private void apply(ResourceType<?> type, Message... resources) {
    ads.apply(
            new Update(
                type,
                1,
                "n",
                "new",
                Stream.of(resources)
                    .map(each -> new Received(type.nameOf(each), "new", each))
                    .toList(),
                Set.of(),
                List.of(),
                false))
        .toCompletableFuture()
        .join();
  }

  private List<String> now() {
    return ResourceType.ALL.stream()
        .flatMap(type ->
            published.getLast().get(type).stream()
                .map(each -> type + " " + type.nameOf(each.message()) + " " + each.version()))
        .sorted()
        .toList();
  }

  private static Cluster cluster(String name) {
    Cluster.Builder cluster = Cluster.newBuilder().setName(name).setType(Cluster.DiscoveryType.EDS);
    cluster.getEdsClusterConfigBuilder().setEdsConfig(ResourceTree.ADS);
    return cluster.build();
  }

  private static ClusterLoadAssignment endpoints(String name) {
    return ClusterLoadAssignment.newBuilder().setClusterName(name).build();
  }

  private static RouteConfiguration route(String name, String cluster) {
    RouteConfiguration.Builder route = RouteConfiguration.newBuilder().setName(name);
    route.addVirtualHostsBuilder().addRoutesBuilder().getRouteBuilder().setCluster(cluster);
    return route.build();
  }

  private static Listener listener(String name, String route) {
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder();
    http.getRdsBuilder().setRouteConfigName(route).setConfigSource(ResourceTree.ADS);
    Listener.Builder listener = Listener.newBuilder().setName(name);
    listener
        .addFilterChainsBuilder()
        .addFilters(Filter.newBuilder().setName("f").setTypedConfig(Any.pack(http.build())));
    return listener.build();
  }
}
