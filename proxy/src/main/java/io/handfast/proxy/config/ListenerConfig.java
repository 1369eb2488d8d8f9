package io.handfast.proxy.config;

import io.handfast.proxy.config.listener.ListenerInspection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One listening socket ({@code envoy.config.listener.v3.Listener}).
 *
 * @param name unique; if the file gives none, the address
 * @param address where it binds; port 0 lets the kernel choose
 * @param additional where it binds, too
 * @param trafficDirection which way the traffic goes, seen from the service
 * @param filterChains chosen by their matches, of which no two are the same
 * @param defaultFilterChain for connections that match none
 * @param inspection before the chain is chosen
 * @param useOriginalDst hand a connection that the kernel redirected to the listener of the address
 *     that it was made to, if there is one
 * @param bindToPort false: takes only what another listener hands to it
 * @param accepting how connections are accepted
 * @param accessLogs told of every connection at its end, whatever runs on it
 * @param source what it was made of: equal ones make the same listener, whatever else of the
 *     configuration has changed
 * @param perConnectionBufferLimitBytes soft limit of what is buffered per direction of a connection
 */
public record ListenerConfig(
    String name,
    NetworkAddress address,
    List<NetworkAddress> additional,
    TrafficDirection trafficDirection,
    List<FilterChainConfig> filterChains,
    Optional<FilterChainConfig> defaultFilterChain,
    ListenerInspection inspection,
    boolean useOriginalDst,
    boolean bindToPort,
    Accepting accepting,
    List<AccessLogConfig> accessLogs,
    Object source,
    int perConnectionBufferLimitBytes) {

  public static final int DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES = 1 << 20;

  /** Seen from the service that this proxy stands beside. */
  public enum TrafficDirection {
    UNSPECIFIED,
    INBOUND,
    OUTBOUND
  }

  /**
   * How connections are accepted.
   *
   * @param reusePort each event loop has a queue of its own, where the system can do that
   * @param backlog connections that may wait in a queue, at least 1; the system has a bound too
   */
  public record Accepting(boolean reusePort, int backlog) {

    public static final Accepting DEFAULTS = new Accepting(true, 1024);

    public Accepting {
      Checks.inRange("tcp_backlog_size", backlog, 1, Integer.MAX_VALUE);
    }
  }

  public ListenerConfig {
    Checks.notEmpty("name", name);
    Checks.inRange(
        "per_connection_buffer_limit_bytes", perConnectionBufferLimitBytes, 1, Integer.MAX_VALUE);
    additional = List.copyOf(additional);
    filterChains = List.copyOf(filterChains);
    accessLogs = List.copyOf(accessLogs);
    if (filterChains.isEmpty() && defaultFilterChain.isEmpty()) {
      throw new IllegalArgumentException("filter_chains: [] (expected: at least one)");
    }
  }

  /** A bound listener of one kind of traffic: no listener filters, no chain by default. */
  public ListenerConfig(
      String name,
      NetworkAddress address,
      TrafficDirection trafficDirection,
      List<FilterChainConfig> filterChains,
      Object source,
      int perConnectionBufferLimitBytes) {
    this(
        name,
        address,
        List.of(),
        trafficDirection,
        filterChains,
        Optional.empty(),
        ListenerInspection.NONE,
        false,
        true,
        Accepting.DEFAULTS,
        List.of(),
        source,
        perConnectionBufferLimitBytes);
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

  /** Everything that it binds, {@link #address} first. */
  public List<NetworkAddress> allAddresses() {
    return Stream.concat(Stream.of(address), additional.stream()).toList();
  }

  /** All of them, the one by default last. */
  public Stream<FilterChainConfig> allFilterChains() {
    return Stream.concat(filterChains.stream(), defaultFilterChain.stream());
  }
}
