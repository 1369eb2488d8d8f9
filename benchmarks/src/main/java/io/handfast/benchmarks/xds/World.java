package io.handfast.benchmarks.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;

/**
 * The resources: clusters {@code c0}, {@code c1}, … with endpoints each, and a listener whose route
 * table sends {@code /c7/} to cluster {@code c7}. The first endpoint of a cluster, a priority of
 * its own, gets all requests: which of the two upstreams it is can be told by the answer. Pure.
 */
final class World {

  static final String TABLE = "routes";

  private static final ConfigSource ADS =
      ConfigSource.newBuilder()
          .setAds(AggregatedConfigSource.getDefaultInstance())
          .setResourceApiVersion(ApiVersion.V3)
          .build();

  private final int endpoints;
  private final int upstreamPort;
  private final int listenerPort;

  /**
   * A world.
   *
   * @param endpoints of each cluster, > 1
   * @param upstreamPort of both upstreams, which are {@code 127.0.0.1} and {@code 127.0.0.2}
   */
  World(int endpoints, int upstreamPort, int listenerPort) {
    this.endpoints = endpoints;
    this.upstreamPort = upstreamPort;
    this.listenerPort = listenerPort;
  }

  static String name(int cluster) {
    return "c" + cluster;
  }

  /** A cluster; another revision has another time-out. */
  static Message cluster(int nth, int revision) {
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName(name(nth))
            .setType(Cluster.DiscoveryType.EDS)
            .setConnectTimeout(Durations.fromMillis(1_000L + revision));
    cluster.getEdsClusterConfigBuilder().setEdsConfig(ADS);
    cluster.setCircuitBreakers(
        CircuitBreakers.newBuilder()
            .addThresholds(
                CircuitBreakers.Thresholds.newBuilder().setMaxRequests(UInt32Value.of(4096))));
    return cluster.build();
  }

  /** The endpoints of a cluster; its requests go to the upstream {@code 127.0.0.(1 + which)}. */
  Message endpoints(int cluster, int which) {
    LocalityLbEndpoints.Builder first = LocalityLbEndpoints.newBuilder();
    first
        .addLbEndpointsBuilder()
        .getEndpointBuilder()
        .setAddress(address("127.0.0." + (1 + which), upstreamPort));
    LocalityLbEndpoints.Builder others = LocalityLbEndpoints.newBuilder().setPriority(1);
    for (int i = 1; i < endpoints; i++) {
      others
          .addLbEndpointsBuilder()
          .getEndpointBuilder()
          .setAddress(address("127.1." + cluster / 250 + "." + (1 + cluster % 250), 10_000 + i));
    }
    return ClusterLoadAssignment.newBuilder()
        .setClusterName(name(cluster))
        .addEndpoints(first)
        .addEndpoints(others)
        .build();
  }

  /** A route for each of so many clusters; another revision has another time-out. */
  static Message routes(int clusters, int revision) {
    RouteConfiguration.Builder table = RouteConfiguration.newBuilder().setName(TABLE);
    var host = table.addVirtualHostsBuilder().setName("all").addDomains("*");
    for (int i = 0; i < clusters; i++) {
      var route = host.addRoutesBuilder();
      route.getMatchBuilder().setPrefix("/" + name(i) + "/");
      route
          .getRouteBuilder()
          .setCluster(name(i))
          .setTimeout(Durations.fromMillis(15_000L + (i == 0 ? revision : 0)));
    }
    return table.build();
  }

  Message listener() {
    HttpConnectionManager.Builder http =
        HttpConnectionManager.newBuilder()
            .setStatPrefix("inbound")
            .addHttpFilters(
                HttpFilter.newBuilder()
                    .setName("envoy.filters.http.router")
                    .setTypedConfig(Any.pack(Router.getDefaultInstance())));
    http.getRdsBuilder().setRouteConfigName(TABLE).setConfigSource(ADS);
    return Listener.newBuilder()
        .setName("inbound")
        .setAddress(address("127.0.0.1", listenerPort))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder()
                        .setName("envoy.filters.network.http_connection_manager")
                        .setTypedConfig(Any.pack(http.build()))))
        .build();
  }

  private static Address address(String host, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(host).setPortValue(port))
        .build();
  }
}
