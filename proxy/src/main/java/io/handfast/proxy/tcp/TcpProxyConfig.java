package io.handfast.proxy.tcp;

import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.NetworkFilterConfig;
import java.time.Duration;
import java.util.List;

/**
 * {@code envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy}.
 *
 * @param statPrefix prefix of its statistics
 * @param clusters where connections go, by weight; at least one
 * @param idleTimeout of a connection on which neither side sends; zero: none
 * @param maxConnectAttempts how many endpoints are tried for a connection, at least 1
 * @param maxDownstreamConnectionDuration until a connection is closed whatever happens on it; zero:
 *     none
 * @param accessLogs told of each connection at its end
 */
public record TcpProxyConfig(
    String statPrefix,
    List<WeightedCluster> clusters,
    Duration idleTimeout,
    int maxConnectAttempts,
    Duration maxDownstreamConnectionDuration,
    List<AccessLogConfig> accessLogs)
    implements NetworkFilterConfig {

  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);

  /**
   * A cluster and how often it is chosen.
   *
   * @param name of the cluster
   * @param weight by comparison with the others, at least 1
   */
  public record WeightedCluster(String name, long weight) {}

  public TcpProxyConfig {
    clusters = List.copyOf(clusters);
    accessLogs = List.copyOf(accessLogs);
    if (clusters.isEmpty()) {
      throw new IllegalArgumentException("cluster: none (expected: a cluster)");
    }
    if (maxConnectAttempts < 1) {
      throw new IllegalArgumentException(
          "max_connect_attempts: " + maxConnectAttempts + " (expected: >= 1)");
    }
  }
}
