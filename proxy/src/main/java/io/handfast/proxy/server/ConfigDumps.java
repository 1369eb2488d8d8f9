package io.handfast.proxy.server;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ResourceSet;
import java.util.List;

/**
 * {@code envoy.admin.v3.ConfigDump} of what was offered: the same messages that came in, without
 * their secrets. Stateless.
 */
final class ConfigDumps {

  private ConfigDumps() {}

  /**
   * Everything, endpoints included.
   *
   * @param types messages that may stand in an {@code Any}
   * @param epochMillis when it was published
   */
  static ConfigDump of(ResourceSet resources, TypeRegistry types, long epochMillis) {
    Timestamp updated = Timestamps.fromMillis(epochMillis);
    List<Listener> listeners = messages(resources.get(ResourceType.LISTENER), types);
    List<Cluster> clusters = messages(resources.get(ResourceType.CLUSTER), types);
    return ConfigDump.newBuilder()
        .addConfigs(
            pack(
                bootstrap(
                    Redaction.redact(resources.process(), types),
                    listeners,
                    clusters,
                    messages(resources.get(ResourceType.SECRET), types),
                    updated)))
        .addConfigs(pack(clusters(clusters, updated)))
        .addConfigs(pack(listeners(listeners, updated)))
        .addConfigs(pack(routes(listeners, updated)))
        .addConfigs(pack(endpoints(clusters, updated)))
        .build();
  }

  private static <M extends Message> List<M> messages(
      List<Offered<M>> offered, TypeRegistry types) {
    return offered.stream().map(Offered::message).map(it -> Redaction.redact(it, types)).toList();
  }

  private static Any pack(Message message) {
    return Any.pack(message);
  }

  private static BootstrapConfigDump bootstrap(
      Bootstrap process,
      List<Listener> listeners,
      List<Cluster> clusters,
      List<Secret> secrets,
      Timestamp updated) {
    Bootstrap.Builder whole = process.toBuilder();
    if (!listeners.isEmpty() || !clusters.isEmpty() || !secrets.isEmpty()) {
      whole
          .getStaticResourcesBuilder()
          .addAllListeners(listeners)
          .addAllClusters(clusters)
          .addAllSecrets(secrets);
    }
    return BootstrapConfigDump.newBuilder().setBootstrap(whole).setLastUpdated(updated).build();
  }

  private static ClustersConfigDump clusters(List<Cluster> clusters, Timestamp updated) {
    ClustersConfigDump.Builder dump = ClustersConfigDump.newBuilder();
    for (Cluster cluster : clusters) {
      dump.addStaticClusters(
          ClustersConfigDump.StaticCluster.newBuilder()
              .setCluster(pack(cluster))
              .setLastUpdated(updated));
    }
    return dump.build();
  }

  private static ListenersConfigDump listeners(List<Listener> listeners, Timestamp updated) {
    ListenersConfigDump.Builder dump = ListenersConfigDump.newBuilder();
    for (Listener listener : listeners) {
      dump.addStaticListeners(
          ListenersConfigDump.StaticListener.newBuilder()
              .setListener(pack(listener))
              .setLastUpdated(updated));
    }
    return dump.build();
  }

  private static RoutesConfigDump routes(List<Listener> listeners, Timestamp updated) {
    RoutesConfigDump.Builder dump = RoutesConfigDump.newBuilder();
    for (Listener listener : listeners) {
      for (FilterChain chain : listener.getFilterChainsList()) {
        for (Filter filter : chain.getFiltersList()) {
          if (filter.getTypedConfig().is(HttpConnectionManager.class)) {
            RouteConfiguration routes = manager(filter).getRouteConfig();
            dump.addStaticRouteConfigs(
                RoutesConfigDump.StaticRouteConfig.newBuilder()
                    .setRouteConfig(pack(routes))
                    .setLastUpdated(updated));
          }
        }
      }
    }
    return dump.build();
  }

  private static HttpConnectionManager manager(Filter filter) {
    try {
      return filter.getTypedConfig().unpack(HttpConnectionManager.class);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "a filter that was accepted cannot be read: " + e.getMessage(), e);
    }
  }

  private static EndpointsConfigDump endpoints(List<Cluster> clusters, Timestamp updated) {
    EndpointsConfigDump.Builder dump = EndpointsConfigDump.newBuilder();
    for (Cluster cluster : clusters) {
      ClusterLoadAssignment assignment =
          cluster.getLoadAssignment().toBuilder().setClusterName(cluster.getName()).build();
      dump.addStaticEndpointConfigs(
          EndpointsConfigDump.StaticEndpointConfig.newBuilder()
              .setEndpointConfig(pack(assignment))
              .setLastUpdated(updated));
    }
    return dump.build();
  }
}
