package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Clusters {@code c0}, {@code c1}, … with endpoints each, and a listener with a route to each. */
final class ManyClusters {

  private static final ConfigSource ADS =
      ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance()).build();

  private ManyClusters() {}

  static ResourceSet of(int count) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    bootstrap.getAdminBuilder().getAddressBuilder().setSocketAddress(socket(0));
    List<Offered<Cluster>> clusters = new ArrayList<>();
    List<Offered<ClusterLoadAssignment>> endpoints = new ArrayList<>();
    IntStream.range(0, count)
        .forEach(nth -> {
          clusters.add(cluster(nth, 1));
          endpoints.add(endpoints(nth, 1));
        });
    return ResourceSet.of(bootstrap.build())
        .with(ResourceType.CLUSTER, clusters, Set.of())
        .with(ResourceType.ENDPOINT, endpoints, Set.of())
        .with(ResourceType.ROUTE, List.of(routes(count, 1)), Set.of())
        .with(ResourceType.LISTENER, List.of(listener()), Set.of());
  }

  /** Another number of seconds is another cluster. */
  static Offered<Cluster> cluster(int nth, int seconds) {
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName("c" + nth)
            .setType(Cluster.DiscoveryType.EDS)
            .setConnectTimeout(Durations.fromSeconds(seconds));
    cluster.getEdsClusterConfigBuilder().setEdsConfig(ADS);
    return new Offered<>(cluster.build(), "clusters[c" + nth + "]");
  }

  /** Another weight is another endpoint. */
  static Offered<ClusterLoadAssignment> endpoints(int nth, int weight) {
    ClusterLoadAssignment.Builder endpoints =
        ClusterLoadAssignment.newBuilder().setClusterName("c" + nth);
    var endpoint = endpoints.addEndpointsBuilder().addLbEndpointsBuilder();
    endpoint.setLoadBalancingWeight(UInt32Value.of(weight));
    endpoint.getEndpointBuilder().getAddressBuilder().setSocketAddress(socket(1000 + nth));
    return new Offered<>(endpoints.build(), "endpoints[c" + nth + "]");
  }

  static Offered<RouteConfiguration> routes(int count, int seconds) {
    RouteConfiguration.Builder table = RouteConfiguration.newBuilder().setName("r");
    var host = table.addVirtualHostsBuilder().setName("all").addDomains("*");
    for (int i = 0; i < count; i++) {
      var route = host.addRoutesBuilder();
      route.getMatchBuilder().setPrefix("/" + i);
      route.getRouteBuilder().setCluster("c" + i).setTimeout(Durations.fromSeconds(seconds));
    }
    return new Offered<>(table.build(), "routes[r]");
  }

  private static Offered<Listener> listener() {
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder().setStatPrefix("in");
    http.getRdsBuilder().setRouteConfigName("r").setConfigSource(ADS);
    http.addHttpFiltersBuilder()
        .setName("router")
        .setTypedConfig(Any.pack(Router.getDefaultInstance()));
    Listener.Builder listener = Listener.newBuilder().setName("l");
    listener.getAddressBuilder().setSocketAddress(socket(0));
    listener
        .addFilterChainsBuilder()
        .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http.build())));
    return new Offered<>(listener.build(), "listeners[l]");
  }

  private static SocketAddress socket(int port) {
    return SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(port).build();
  }
}
