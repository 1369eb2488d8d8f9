package io.handfast.proxy.config;

import java.util.List;

/**
 * One listening socket ({@code envoy.config.listener.v3.Listener}).
 *
 * @param name unique; if the file gives none, the address
 * @param address where it binds; port 0 lets the kernel choose
 * @param trafficDirection which way the traffic goes, seen from the service
 * @param filterChains exactly one, until chain matching is built
 * @param source what it was made of: equal ones make the same listener, whatever else of the
 *     configuration has changed
 * @param perConnectionBufferLimitBytes soft limit of what is buffered per direction of a connection
 */
public record ListenerConfig(
    String name,
    NetworkAddress address,
    TrafficDirection trafficDirection,
    List<FilterChainConfig> filterChains,
    Object source,
    int perConnectionBufferLimitBytes) {

  public static final int DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES = 1 << 20;

  /** Seen from the service that this proxy stands beside. */
  public enum TrafficDirection {
    UNSPECIFIED,
    INBOUND,
    OUTBOUND
  }

  public ListenerConfig {
    Checks.notEmpty("name", name);
    Checks.inRange(
        "per_connection_buffer_limit_bytes", perConnectionBufferLimitBytes, 1, Integer.MAX_VALUE);
    filterChains = List.copyOf(filterChains);
    if (filterChains.isEmpty()) {
      throw new IllegalArgumentException("filter_chains: [] (expected: at least one)");
    }
  }

  /** A listener with every default, for tests and composition. */
  public static ListenerConfig of(
      String name, NetworkAddress address, HttpConnectionManagerConfig http) {
    return new ListenerConfig(
        name,
        address,
        TrafficDirection.UNSPECIFIED,
        List.of(new FilterChainConfig(http)),
        http,
        DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES);
  }
}
