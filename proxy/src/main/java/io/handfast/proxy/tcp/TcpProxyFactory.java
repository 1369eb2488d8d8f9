package io.handfast.proxy.tcp;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.connect.SocketConnector;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.network.TerminalFilter;
import io.handfast.proxy.network.TerminalFilterFactory;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.TcpStats;
import io.handfast.proxy.tcp.TcpProxyConfig.WeightedCluster;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@code tcp_proxy} as the end of a filter chain. Thread-safe. */
public final class TcpProxyFactory implements TerminalFilterFactory {
  private final TcpProxyConfig config;
  private final ClusterManager clusters;
  private final SocketConnector connector;
  private final TcpStats stats;
  private final List<AccessLog> logs;
  private final Splicing splicing;
  private final LongUnaryOperator draw;
  private final long totalWeight;

  /**
   * @param connector opens the connections to endpoints
   * @param logs told of each connection at its end
   * @param splicing of all connections of this process
   * @param draw an evenly drawn number from 0 up to its argument; thread-safe
   */
  public TcpProxyFactory(
      TcpProxyConfig config,
      ClusterManager clusters,
      SocketConnector connector,
      TcpStats stats,
      List<AccessLog> logs,
      Splicing splicing,
      LongUnaryOperator draw) {
    this.config = config;
    this.clusters = clusters;
    this.connector = connector;
    this.stats = stats;
    this.logs = List.copyOf(logs);
    this.splicing = splicing;
    this.draw = draw;
    this.totalWeight = config.clusters().stream().mapToLong(WeightedCluster::weight).sum();
  }

  @Override
  public boolean halfCloses() {
    return true;
  }

  @Override
  public TerminalFilter create(NetworkConnection connection) {
    TcpSession session = new TcpSession(this, connection);
    return new TerminalFilter(session.downstream(), session);
  }

  /** Clusters are looked up by name, connection by connection. */
  @Override
  public void refresh(NetworkFilterConfig now) {}

  TcpProxyConfig config() {
    return config;
  }

  TcpStats stats() {
    return stats;
  }

  Splicing splicing() {
    return splicing;
  }

  SocketConnector connector() {
    return connector;
  }

  /** The name of the cluster of the next connection. */
  String chooseCluster() {
    List<WeightedCluster> all = config.clusters();
    if (all.size() == 1) {
      return all.getFirst().name();
    }
    long left = draw.applyAsLong(totalWeight);
    for (WeightedCluster cluster : all) {
      left -= cluster.weight();
      if (left < 0) {
        return cluster.name();
      }
    }
    throw new IllegalStateException(
        "draw: at or above " + totalWeight + " (expected: below the sum of weights)");
  }

  /** The cluster of that name; null if there is none now. */
  @Nullable Cluster find(String name) {
    return clusters.find(name).orElse(null);
  }

  /**
   * The endpoint of a connection; null if there is none.
   *
   * @param client whose bytes it will get
   */
  @Nullable Host chooseHost(Cluster cluster, ConnectionInfo client, Dispatcher loop) {
    InetSocketAddress destination = client.originalDestination();
    return clusters
        .pools(loop)
        .choose(cluster, destination == null ? null : cluster.redirected(destination));
  }

  void log(StreamInfo info) {
    for (AccessLog log : logs) {
      log.log(info, null, null, null);
    }
  }
}
