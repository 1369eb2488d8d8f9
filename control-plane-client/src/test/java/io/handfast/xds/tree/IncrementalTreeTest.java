package io.handfast.xds.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.envoyproxy.envoy.config.core.v3.SelfConfigSource;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ManualExecutor;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The counts that the tree keeps lead to what counting everything anew would lead to. */
final class IncrementalTreeTest {

  private static final int EVENTS = 400;
  private static final int NAMES = 4;
  private static final ConfigSource FILE =
      ConfigSource.newBuilder()
          .setPathConfigSource(PathConfigSource.newBuilder().setPath("/resources.yaml"))
          .build();
  private static final ConfigSource SELF =
      ConfigSource.newBuilder().setSelf(SelfConfigSource.getDefaultInstance()).build();
  private static final TypeRegistry TYPES =
      TypeRegistry.of(List.of(HttpConnectionManager.getDefaultInstance()));
  private static final List<ResourceType<?>> TOLD =
      List.of(
          ResourceType.CLUSTER, ResourceType.ENDPOINT, ResourceType.LISTENER, ResourceType.ROUTE);

  private final ManualExecutor executor = new ManualExecutor();
  private final Map<String, String> asked = new TreeMap<>();
  private ResourceSet published = ResourceSet.of(Bootstrap.getDefaultInstance());
  private final ResourceTree tree =
      new ResourceTree(
          published,
          ResourceTree.Roots.ofAds(
              Map.of(ResourceType.CLUSTER, Set.of("*"), ResourceType.LISTENER, Set.of("*"))),
          new ResourceTree.Ports(
              TYPES, (_, _) -> List.of(), this::ask, resources -> published = resources),
          new ResourceTree.Schedule(executor, executor::nanoTime));
  private final ResourceHandler ads = tree.handler(ResourceTree.ADS);
  private final ResourceHandler file = tree.handler(FILE);
  private final NaiveTree naive =
      new NaiveTree(Set.of(ResourceType.CLUSTER, ResourceType.LISTENER), TYPES, executor::nanoTime);

  private void ask(ConfigSource source, ResourceType<?> type, Set<String> names, Duration timeout) {
    String key = NaiveTree.key(source, type);
    if (names.isEmpty()) {
      asked.remove(key);
    } else {
      asked.put(key, String.join(" ", new TreeSet<>(names)) + " within " + timeout);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldBeWhatCountingAnewLeadsToAfterEveryEvent(long seed) {
    // Given
    Random random = new Random(seed);
    tree.start();
    naive.settle();

    for (int event = 1; event <= EVENTS; event++) {
      // When
      happen(random, event);

      // Then
      assertThat(tree.isInitialised()).isEqualTo(naive.initialised);
      assertThat(serving()).isEqualTo(naive.published);
      assertThat(tree.pending()).isEqualTo(naive.pending());
      assertThat(asked).isEqualTo(naive.asked);
    }
  }

  private void happen(Random random, int event) {
    ConfigSource source = random.nextInt(4) == 0 ? FILE : ResourceTree.ADS;
    ResourceHandler handler = source.equals(FILE) ? file : ads;
    ResourceType<?> type = TOLD.get(random.nextInt(TOLD.size()));
    switch (random.nextInt(10)) {
      case 0 -> {
        executor.advance(Duration.ofSeconds(random.nextInt(20)));
        naive.settle();
      }
      case 1 -> {
        Effect.Reason[] reasons = Effect.Reason.values();
        Effect.Lost lost =
            new Effect.Lost(type, names(random, type), reasons[random.nextInt(reasons.length)]);
        handler.lost(lost);
        naive.lost(source, lost);
      }
      case 2 -> {
        handler.serverChanged();
        naive.serverChanged(source);
      }
      default -> {
        Update update = update(random, type, event);
        handler.apply(update);
        naive.apply(source, update);
      }
    }
  }

  private static Update update(Random random, ResourceType<?> type, int version) {
    List<Received> changed = new ArrayList<>();
    for (String name : names(random, type)) {
      changed.add(
          new Received(name, String.valueOf(version), resource(random, type, name, version)));
    }
    Set<String> removed = random.nextInt(3) == 0 ? names(random, type) : Set.of();
    changed.removeIf(each -> removed.contains(each.name()));
    return new Update(type, 1, "n", "v", changed, removed, List.of(), false);
  }

  private static Set<String> names(Random random, ResourceType<?> type) {
    Set<String> names = new TreeSet<>();
    for (int i = random.nextInt(NAMES); i >= 0; i--) {
      names.add(name(random, type));
    }
    return names;
  }

  private static String name(Random random, ResourceType<?> type) {
    return type.collection() + random.nextInt(NAMES);
  }

  private static Message resource(Random random, ResourceType<?> type, String name, int version) {
    if (type.equals(ResourceType.ENDPOINT)) {
      ClusterLoadAssignment.Builder endpoints =
          ClusterLoadAssignment.newBuilder().setClusterName(name);
      endpoints.getPolicyBuilder().setOverprovisioningFactor(UInt32Value.of(version));
      return endpoints.build();
    }
    if (type.equals(ResourceType.CLUSTER)) {
      Cluster.Builder cluster =
          Cluster.newBuilder().setName(name).setConnectTimeout(Durations.fromSeconds(version % 3));
      if (random.nextInt(4) > 0) {
        cluster.setType(Cluster.DiscoveryType.EDS);
        cluster
            .getEdsClusterConfigBuilder()
            .setServiceName(name(random, ResourceType.ENDPOINT))
            .setEdsConfig(source(random));
      }
      return cluster.build();
    }
    if (type.equals(ResourceType.ROUTE)) {
      RouteConfiguration.Builder route = RouteConfiguration.newBuilder().setName(name);
      for (String cluster : names(random, ResourceType.CLUSTER)) {
        route.addVirtualHostsBuilder().addRoutesBuilder().getRouteBuilder().setCluster(cluster);
      }
      return route.build();
    }
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder();
    http.getRdsBuilder()
        .setRouteConfigName(name(random, ResourceType.ROUTE))
        .setConfigSource(source(random));
    Listener.Builder listener = Listener.newBuilder().setName(name);
    listener
        .addFilterChainsBuilder()
        .addFilters(Filter.newBuilder().setName("f").setTypedConfig(Any.pack(http.build())));
    return listener.build();
  }

  private static ConfigSource source(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> SELF;
      case 1 -> FILE;
      case 2 ->
          ResourceTree.ADS.toBuilder()
              .setInitialFetchTimeout(Durations.fromSeconds(random.nextInt(30)))
              .build();
      default -> ResourceTree.ADS;
    };
  }

  private Map<String, String> serving() {
    Map<String, String> serving = new TreeMap<>();
    if (tree.isInitialised()) {
      for (ResourceType<?> type : ResourceType.ALL) {
        published
            .get(type)
            .forEach(each ->
                serving.put(type + "[" + type.nameOf(each.message()) + "]", each.version()));
      }
    }
    return serving;
  }
}
