package io.handfast.proxy.tcp;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.tcp.TcpProxyConfig.WeightedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses {@code tcp_proxy}. Immutable. */
public final class TcpProxyParser implements NetworkFilterParser {

  @Override
  public Message type() {
    return TcpProxy.getDefaultInstance();
  }

  @Override
  public boolean terminal() {
    return true;
  }

  @Override
  public @Nullable NetworkFilterConfig parse(
      Message config, Surroundings surroundings, Scope scope) {
    TcpProxy proto = (TcpProxy) config;
    List<WeightedCluster> clusters = clusters(proto, surroundings, scope);
    Duration idle =
        scope
            .field("idle_timeout")
            .duration(
                proto.hasIdleTimeout(),
                proto.getIdleTimeout(),
                TcpProxyConfig.DEFAULT_IDLE_TIMEOUT);
    Duration longest =
        scope
            .field("max_downstream_connection_duration")
            .duration(
                proto.hasMaxDownstreamConnectionDuration(),
                proto.getMaxDownstreamConnectionDuration(),
                Duration.ZERO);
    List<AccessLogConfig> logs = surroundings.accessLogs(proto.getAccessLogList(), scope);
    if (clusters.isEmpty()) {
      return null;
    }
    return scope.build(() ->
        new TcpProxyConfig(
            proto.getStatPrefix(),
            clusters,
            idle,
            proto.hasMaxConnectAttempts()
                ? Scope.clamped(proto.getMaxConnectAttempts().getValue())
                : 1,
            longest,
            logs));
  }

  private static List<WeightedCluster> clusters(
      TcpProxy proto, Surroundings surroundings, Scope scope) {
    return switch (proto.getClusterSpecifierCase()) {
      case CLUSTER -> {
        check(proto.getCluster(), surroundings, scope.field("cluster"));
        yield List.of(new WeightedCluster(proto.getCluster(), 1));
      }
      case WEIGHTED_CLUSTERS -> {
        Scope here = scope.field("weighted_clusters");
        List<WeightedCluster> clusters = new ArrayList<>();
        for (int i = 0; i < proto.getWeightedClusters().getClustersCount(); i++) {
          ClusterWeight cluster = proto.getWeightedClusters().getClusters(i);
          check(cluster.getName(), surroundings, here.field("clusters", i).field("name"));
          clusters.add(
              new WeightedCluster(cluster.getName(), Integer.toUnsignedLong(cluster.getWeight())));
        }
        yield clusters;
      }
      case CLUSTERSPECIFIER_NOT_SET -> List.of(); // noted by the constraints of the message
    };
  }

  private static void check(String cluster, Surroundings surroundings, Scope scope) {
    if (!surroundings.mayName(cluster)) {
      scope.error(cluster, "a cluster of this configuration");
    }
  }
}
