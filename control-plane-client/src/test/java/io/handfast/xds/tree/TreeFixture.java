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
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ManualExecutor;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A tree whose control plane is the test, with what both say of each other. */
abstract class TreeFixture {

  static final TypeRegistry TYPES =
      TypeRegistry.of(
          List.of(
              HttpConnectionManager.getDefaultInstance(),
              DownstreamTlsContext.getDefaultInstance()));

  final ManualExecutor executor = new ManualExecutor();
  final Map<String, String> asked = new TreeMap<>();
  final List<ResourceSet> published = new ArrayList<>();
  final Map<String, Duration> timeouts = new HashMap<>();
  final ResourceTree tree =
      new ResourceTree(
          ResourceSet.of(Bootstrap.getDefaultInstance()),
          ResourceTree.Roots.ofAds(Map.of(CLUSTER, Set.of("*"), LISTENER, Set.of("*"))),
          new ResourceTree.Ports(TYPES, TreeFixture::check, this::ask, published::add),
          new ResourceTree.Schedule(executor, executor::nanoTime));
  final ResourceHandler ads = tree.handler(ResourceTree.ADS);

  TreeFixture() {
    tree.start();
  }

  void ask(ConfigSource source, ResourceType<?> type, Set<String> names, Duration timeout) {
    String from = source.equals(ResourceTree.ADS) ? "" : " of another source";
    asked.put(type + from, String.join(" ", new TreeSet<>(names)));
    timeouts.put(type + from, timeout);
  }

  static List<ConfigError> check(ResourceType<?> type, Offered<? extends Message> resource) {
    return resource.message() instanceof Cluster cluster && !cluster.getAltStatName().isEmpty()
        ? List.of(new ConfigError(resource.path() + ".alt_stat_name", "x (expected: none)"))
        : List.of();
  }

  /** One listener with a route to a cluster with endpoints, all version 1. */
  void ready() {
    apply(CLUSTER, "1", eds("a"));
    apply(ENDPOINT, "1", endpoints("a"));
    apply(LISTENER, "1", listener("l", "r"));
    apply(ROUTE, "1", route("r", "a"));
    assertThat(published).hasSize(1);
  }

  List<ResourceFault> apply(ResourceType<?> type, String version, Message... resources) {
    return apply(ads, type, version, resources);
  }

  static List<ResourceFault> apply(
      ResourceHandler handler, ResourceType<?> type, String version, Message... resources) {
    return handler.apply(update(type, version, List.of(), resources)).toCompletableFuture().join();
  }

  void remove(ResourceType<?> type, String name) {
    ads.apply(update(type, "", List.of(name))).toCompletableFuture().join();
  }

  static Update update(
      ResourceType<?> type, String version, List<String> removed, Message... resources) {
    return new Update(
        type,
        1,
        "n",
        version,
        Stream.of(resources).map(each -> new Received(type.nameOf(each), version, each)).toList(),
        Set.copyOf(removed),
        List.of(),
        false);
  }

  <M extends Message> List<String> names(ResourceType<M> type) {
    return published.getLast().get(type).stream().map(each -> type.nameOf(each.message())).toList();
  }

  <M extends Message> String version(ResourceType<M> type, String name) {
    return published.getLast().find(type, name).map(Offered::version).orElse("none");
  }

  static Cluster eds(String name) {
    return edsOf(name, "");
  }

  static Cluster edsOf(String name, String service) {
    Cluster.Builder cluster = Cluster.newBuilder().setName(name).setType(Cluster.DiscoveryType.EDS);
    cluster.getEdsClusterConfigBuilder().setServiceName(service).setEdsConfig(ResourceTree.ADS);
    return cluster.build();
  }

  static ClusterLoadAssignment endpoints(String name) {
    return ClusterLoadAssignment.newBuilder().setClusterName(name).build();
  }

  static RouteConfiguration route(String name, String cluster) {
    RouteConfiguration.Builder route = RouteConfiguration.newBuilder().setName(name);
    route.addVirtualHostsBuilder().addRoutesBuilder().getRouteBuilder().setCluster(cluster);
    return route.build();
  }

  static Secret secret(String name) {
    return Secret.newBuilder().setName(name).build();
  }

  static Listener listener(String name, String route) {
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder();
    http.getRdsBuilder().setRouteConfigName(route).setConfigSource(ResourceTree.ADS);
    Listener.Builder listener = Listener.newBuilder().setName(name);
    listener.addFilterChainsBuilder().addFilters(filter(http.build()));
    return listener.build();
  }

  static Filter filter(Message config) {
    return Filter.newBuilder().setName("f").setTypedConfig(Any.pack(config)).build();
  }
}
