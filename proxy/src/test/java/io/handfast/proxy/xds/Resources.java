package io.handfast.proxy.xds;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig;
import io.handfast.xds.tree.ResourceTree;

/** Small resources. */
final class Resources {

  private Resources() {}

  /** Whose endpoints come by EDS, and which speaks what its client speaks. */
  static Cluster cluster(String name) {
    Cluster.Builder cluster = Cluster.newBuilder().setName(name).setType(Cluster.DiscoveryType.EDS);
    cluster.getEdsClusterConfigBuilder().setEdsConfig(ResourceTree.ADS);
    HttpProtocolOptions options =
        HttpProtocolOptions.newBuilder()
            .setUseDownstreamProtocolConfig(UseDownstreamHttpConfig.getDefaultInstance())
            .build();
    return cluster
        .putTypedExtensionProtocolOptions(
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions", Any.pack(options))
        .build();
  }

  static ClusterLoadAssignment endpoints(String cluster, int... ports) {
    ClusterLoadAssignment.Builder endpoints =
        ClusterLoadAssignment.newBuilder().setClusterName(cluster);
    for (int port : ports) {
      endpoints
          .addEndpointsBuilder()
          .addLbEndpointsBuilder()
          .getEndpointBuilder()
          .setAddress(address(port));
    }
    return endpoints.build();
  }

  private static Address address(int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(port))
        .build();
  }

  /** On a port of the kernel's choice, with the routes of that name. */
  static Listener listener(String name, String routes) {
    return listener(name, http(routes));
  }

  static Listener listener(String name, HttpConnectionManager http) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(address(0))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http))))
        .build();
  }

  static HttpConnectionManager http(String routes) {
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder().setStatPrefix("in");
    http.getRdsBuilder().setRouteConfigName(routes).setConfigSource(ResourceTree.ADS);
    return http.addHttpFilters(
            HttpFilter.newBuilder()
                .setName("router")
                .setTypedConfig(Any.pack(Router.getDefaultInstance())))
        .build();
  }

  /** Everything goes to that cluster. */
  static RouteConfiguration routes(String name, String cluster) {
    RouteConfiguration.Builder routes = RouteConfiguration.newBuilder().setName(name);
    var host = routes.addVirtualHostsBuilder().setName("all").addDomains("*");
    var route = host.addRoutesBuilder();
    route.getMatchBuilder().setPrefix("/");
    route.getRouteBuilder().setCluster(cluster);
    return routes.build();
  }
}
