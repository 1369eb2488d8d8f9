package io.handfast.proxy.config;

import io.handfast.proxy.config.tls.Alpn;
import io.handfast.proxy.config.tls.TlsConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A group of endpoints that serve the same thing ({@code envoy.config.cluster.v3.Cluster}).
 *
 * @param name unique
 * @param index its position in {@link ConfigSnapshot#clusters()}
 * @param type where its endpoints come from
 * @param localities its endpoints, as configured: names among them are still to be resolved
 * @param loadBalancing how one is chosen
 * @param connectTimeout of a new connection
 * @param circuitBreakers bounds of what is open at once
 * @param perConnectionBufferLimitBytes soft limit of what is buffered per direction of an upstream
 *     connection
 * @param http of its HTTP connections
 * @param dns of STRICT_DNS and LOGICAL_DNS
 * @param metadata for filters
 * @param tls spoken with its endpoints; empty: plaintext
 * @param source what its connections come from, an IP literal; empty: as the kernel chooses
 */
public record ClusterConfig(
    String name,
    int index,
    DiscoveryType type,
    List<LocalityEndpoints> localities,
    LoadBalancing loadBalancing,
    Duration connectTimeout,
    CircuitBreakers circuitBreakers,
    int perConnectionBufferLimitBytes,
    UpstreamHttpOptions http,
    DnsOptions dns,
    FilterMetadata metadata,
    Optional<TlsConfig.Upstream> tls,
    Optional<NetworkAddress.Tcp> source) {

  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
  public static final int DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES = 1 << 20;

  /** Where endpoints come from. */
  public enum DiscoveryType {
    /** As configured, IP literals only. */
    STATIC,
    /** Every name is resolved, and every address of it is an endpoint. */
    STRICT_DNS,
    /** The one name is resolved, and one address of it is the endpoint as long as it has it. */
    LOGICAL_DNS,
    /** Whatever address a client connected to. */
    ORIGINAL_DST
  }

  /** Which addresses of a name are used. */
  public enum DnsLookupFamily {
    AUTO,
    V4_ONLY,
    V6_ONLY,
    V4_PREFERRED,
    ALL
  }

  /**
   * How names are resolved.
   *
   * @param refreshRate between two resolutions
   * @param lookupFamily which addresses are used
   */
  public record DnsOptions(Duration refreshRate, DnsLookupFamily lookupFamily) {

    public static final DnsOptions DEFAULTS =
        new DnsOptions(Duration.ofSeconds(5), DnsLookupFamily.AUTO);

    public DnsOptions {
      Checks.positive("dns_refresh_rate", refreshRate);
    }
  }

  /** How urgent a request is: each has circuit breakers and connections of its own. */
  public enum RoutingPriority {
    DEFAULT,
    HIGH
  }

  /**
   * Bounds over all event loops of this proxy, by the priority of the requests.
   *
   * @param ofDefault of requests like any other
   * @param ofHigh of those whose route says {@code priority: HIGH}
   */
  public record CircuitBreakers(Thresholds ofDefault, Thresholds ofHigh) {

    public static final CircuitBreakers DEFAULTS =
        new CircuitBreakers(Thresholds.DEFAULTS, Thresholds.DEFAULTS);

    /** Bounds of the default priority alone. */
    public CircuitBreakers(
        int maxConnections, int maxPendingRequests, int maxRequests, int maxRetries) {
      this(
          new Thresholds(maxConnections, maxPendingRequests, maxRequests, maxRetries, false),
          Thresholds.DEFAULTS);
    }

    /** Those of one priority. */
    public Thresholds of(RoutingPriority priority) {
      return switch (priority) {
        case DEFAULT -> ofDefault;
        case HIGH -> ofHigh;
      };
    }
  }

  /**
   * The bounds of one priority.
   *
   * @param maxConnections open connections
   * @param maxPendingRequests requests that wait for a connection
   * @param maxRequests requests in flight
   * @param maxRetries requests that are being tried again
   * @param trackRemaining whether statistics say how much is left
   */
  public record Thresholds(
      int maxConnections,
      int maxPendingRequests,
      int maxRequests,
      int maxRetries,
      boolean trackRemaining) {

    public static final Thresholds DEFAULTS = new Thresholds(1024, 1024, 1024, 3, false);

    public Thresholds {
      Checks.inRange("max_connections", maxConnections, 0, Integer.MAX_VALUE);
      Checks.inRange("max_pending_requests", maxPendingRequests, 0, Integer.MAX_VALUE);
      Checks.inRange("max_requests", maxRequests, 0, Integer.MAX_VALUE);
      Checks.inRange("max_retries", maxRetries, 0, Integer.MAX_VALUE);
    }
  }

  /** Which HTTP is spoken with an endpoint. */
  public enum UpstreamProtocol {
    HTTP1,
    /** By prior knowledge. */
    HTTP2,
    /** The one that the client speaks. */
    DOWNSTREAM,
    /** The one that TLS agrees on. */
    AUTO;

    /** What connections offer by ALPN: each entry some of them. */
    List<List<String>> offers() {
      return switch (this) {
        case HTTP1 -> List.of(Alpn.ONLY_HTTP1);
        case HTTP2 -> List.of(Alpn.ONLY_HTTP2);
        case DOWNSTREAM -> List.of(Alpn.ONLY_HTTP1, Alpn.ONLY_HTTP2);
        case AUTO -> List.of(Alpn.EITHER);
      };
    }
  }

  /**
   * Bounds and options of an upstream HTTP connection.
   *
   * @param idleTimeout of a pooled connection; zero: none
   * @param maxConnectionDuration then it takes no more requests; zero: no limit
   * @param maxRequestsPerConnection then it is closed; 0: no limit
   * @param enableTrailers let trailers of HTTP/1 responses through that are not the mesh's own
   * @param protocol what is spoken
   * @param http2 of the HTTP/2 codec
   */
  public record UpstreamHttpOptions(
      Duration idleTimeout,
      Duration maxConnectionDuration,
      int maxRequestsPerConnection,
      boolean enableTrailers,
      UpstreamProtocol protocol,
      Http2Options http2) {

    public static final UpstreamHttpOptions DEFAULTS =
        new UpstreamHttpOptions(
            Duration.ofHours(1),
            Duration.ZERO,
            0,
            false,
            UpstreamProtocol.HTTP1,
            Http2Options.DEFAULTS);

    public UpstreamHttpOptions {
      Checks.notNegative("idle_timeout", idleTimeout);
      Checks.notNegative("max_connection_duration", maxConnectionDuration);
      Checks.inRange("max_requests_per_connection", maxRequestsPerConnection, 0, Integer.MAX_VALUE);
    }
  }

  public ClusterConfig {
    Checks.notEmpty("name", name);
    Checks.inRange("index", index, 0, Integer.MAX_VALUE);
    Checks.positive("connect_timeout", connectTimeout);
    Checks.inRange(
        "per_connection_buffer_limit_bytes", perConnectionBufferLimitBytes, 1, Integer.MAX_VALUE);
    localities = List.copyOf(localities);
  }

  /** All that its connections may speak: as it was configured, and as each HTTP is offered. */
  public List<TlsConfig.Upstream> everyTls() {
    return tls.stream()
        .flatMap(configured ->
            Stream.concat(
                Stream.of(configured), http.protocol().offers().stream().map(configured::offering)))
        .distinct()
        .toList();
  }

  /** The same at another place in its snapshot. */
  public ClusterConfig at(int otherIndex) {
    return new ClusterConfig(
        name,
        otherIndex,
        type,
        localities,
        loadBalancing,
        connectTimeout,
        circuitBreakers,
        perConnectionBufferLimitBytes,
        http,
        dns,
        metadata,
        tls,
        source);
  }

  /** The same with the endpoints of another one, and what comes with them. */
  public ClusterConfig withEndpointsOf(ClusterConfig other) {
    return new ClusterConfig(
        name,
        index,
        type,
        other.localities,
        loadBalancing.withPolicyOfEndpoints(other.loadBalancing),
        connectTimeout,
        circuitBreakers,
        perConnectionBufferLimitBytes,
        http,
        dns,
        metadata,
        tls,
        source);
  }

  /** The same with other certificates. */
  public ClusterConfig with(TlsConfig.Upstream other) {
    return new ClusterConfig(
        name,
        index,
        type,
        localities,
        loadBalancing,
        connectTimeout,
        circuitBreakers,
        perConnectionBufferLimitBytes,
        http,
        dns,
        metadata,
        Optional.of(other),
        source);
  }

  /** A cluster with every default, for tests and composition. */
  public static ClusterConfig of(
      String name, int index, DiscoveryType type, List<Endpoint> endpoints) {
    return new ClusterConfig(
        name,
        index,
        type,
        List.of(LocalityEndpoints.of(endpoints)),
        LoadBalancing.DEFAULTS,
        DEFAULT_CONNECT_TIMEOUT,
        CircuitBreakers.DEFAULTS,
        DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES,
        UpstreamHttpOptions.DEFAULTS,
        DnsOptions.DEFAULTS,
        FilterMetadata.NONE,
        Optional.empty(),
        Optional.empty());
  }
}
