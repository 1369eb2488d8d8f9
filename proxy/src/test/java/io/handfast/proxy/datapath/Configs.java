package io.handfast.proxy.datapath;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.CodecType;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Small configurations. */
final class Configs {
  static final Http1Options EVERYTHING = new Http1Options(true, true, "default.example", true);

  private Configs() {}

  /** One route to the cluster of index 0, behind that many filters. */
  static HttpConnectionManagerConfig forward(int filters) {
    return forward(filters, ForwardOptions.DEFAULTS);
  }

  static HttpConnectionManagerConfig forward(int filters, ForwardOptions options) {
    return http(
        filters, Route.of(RouteMatch.prefix("/"), new RouteAction.Forward("service", options)));
  }

  static HttpConnectionManagerConfig http(int filters, Route... routes) {
    return http(filters, HttpTimeouts.DEFAULTS, routes);
  }

  static HttpConnectionManagerConfig http(int filters, HttpTimeouts timeouts, Route... routes) {
    VirtualHost host = new VirtualHost("all", List.of("*"), List.of(routes));
    List<HttpFilterConfig> configs = new ArrayList<>();
    IntStream.range(0, filters)
        .forEach(i -> configs.add(new HttpFilterConfig("filter-" + i, "test", "", false)));
    configs.add(new HttpFilterConfig("router", "router", "", false));
    HttpConnectionManagerConfig plain =
        HttpConnectionManagerConfig.of("test", new RouteTable(List.of(host)), configs);
    return new HttpConnectionManagerConfig(
        plain.statPrefix(),
        plain.codecType(),
        plain.routes(),
        plain.httpFilters(),
        timeouts,
        plain.limits(),
        EVERYTHING,
        plain.http2(),
        plain.forwarding(),
        plain.paths(),
        plain.serverName(),
        plain.accessLogs());
  }

  static ForwardOptions options(Duration timeout, RouteAction.RetryPolicy retry) {
    return new ForwardOptions(timeout, Optional.empty(), retry);
  }

  static ClusterConfig cluster(int... ports) {
    return cluster(CircuitBreakers.DEFAULTS, ClusterConfig.DEFAULT_CONNECT_TIMEOUT, ports);
  }

  static ClusterConfig cluster(CircuitBreakers breakers, Duration connectTimeout, int... ports) {
    List<Endpoint> endpoints =
        IntStream.of(ports).mapToObj(port -> Endpoint.of("127.0.0.1", port)).toList();
    ClusterConfig plain = ClusterConfig.of("service", 0, DiscoveryType.STATIC, endpoints);
    return new ClusterConfig(
        plain.name(),
        plain.index(),
        plain.type(),
        plain.localities(),
        plain.loadBalancing(),
        connectTimeout,
        breakers,
        plain.perConnectionBufferLimitBytes(),
        new UpstreamHttpOptions(
            plain.http().idleTimeout(),
            Duration.ZERO,
            0,
            true,
            UpstreamProtocol.HTTP1,
            Http2Options.DEFAULTS),
        plain.dns(),
        plain.metadata(),
        plain.tls(),
        plain.source());
  }

  /** The same, with another codec. */
  static HttpConnectionManagerConfig codec(HttpConnectionManagerConfig plain, CodecType codec) {
    return new HttpConnectionManagerConfig(
        plain.statPrefix(),
        codec,
        plain.routes(),
        plain.httpFilters(),
        plain.timeouts(),
        plain.limits(),
        plain.http1(),
        plain.http2(),
        plain.forwarding(),
        plain.paths(),
        plain.serverName(),
        plain.accessLogs());
  }

  /** The same, with paths that are changed so. */
  static HttpConnectionManagerConfig paths(HttpConnectionManagerConfig plain, PathOptions paths) {
    return new HttpConnectionManagerConfig(
        plain.statPrefix(),
        plain.codecType(),
        plain.routes(),
        plain.httpFilters(),
        plain.timeouts(),
        plain.limits(),
        plain.http1(),
        plain.http2(),
        plain.forwarding(),
        paths,
        plain.serverName(),
        plain.accessLogs());
  }

  /** The same, with endpoints that speak that. */
  static ClusterConfig speaking(ClusterConfig plain, UpstreamProtocol protocol) {
    return speaking(plain, protocol, Http2Options.DEFAULTS);
  }

  static ClusterConfig speaking(
      ClusterConfig plain, UpstreamProtocol protocol, Http2Options options) {
    return new ClusterConfig(
        plain.name(),
        plain.index(),
        plain.type(),
        plain.localities(),
        plain.loadBalancing(),
        plain.connectTimeout(),
        plain.circuitBreakers(),
        plain.perConnectionBufferLimitBytes(),
        new UpstreamHttpOptions(
            plain.http().idleTimeout(), Duration.ZERO, 0, true, protocol, options),
        plain.dns(),
        plain.metadata(),
        plain.tls(),
        plain.source());
  }
}
