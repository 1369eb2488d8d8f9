package io.handfast.proxy.cluster.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.NameResolver;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.DnsOptions;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.FilterMetadata;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Pools of one event loop, whose connections are made by hand. */
abstract class PoolFixture {
  static final NameResolver NO_NAMES =
      (name, family, callback) -> callback.onFailure("no names here");

  final ManualDispatcher loop = new ManualDispatcher();
  final FakeConnector connector = new FakeConnector();
  final ClusterManager clusters =
      new ClusterManager(new Stats(), NO_NAMES, loop, connector, bound -> 0);

  /** What a request was told. */
  static class Request implements Lease.Listener {
    final List<String> told = new ArrayList<>();
    @Nullable Lease lease;
    @Nullable ClientConnection connection;

    @Override
    public void onConnection(ClientConnection given, Host host, boolean reused) {
      connection = given;
      ((FakeConnector.Attempt) given).streamBegins();
      told.add((reused ? "reused " : "fresh ") + ((InetSocketAddress) host.address()).getPort());
    }

    @Override
    public void onFailure(PoolFailure failure, @Nullable Host host, String reason) {
      told.add(failure + " " + reason);
    }

    void end() {
      if (lease != null) {
        lease.end();
      }
    }
  }

  Request request(Cluster cluster) {
    return request(cluster, RoutingPriority.DEFAULT);
  }

  Request request(Cluster cluster, RoutingPriority priority) {
    Request request = new Request();
    request.lease =
        clusters.pools(loop).lease(cluster, HttpProtocol.HTTP_1_1, priority, null, request);
    return request;
  }

  static FakeConnector.Attempt attempt(Request request) {
    return (FakeConnector.Attempt) Objects.requireNonNull(request.connection);
  }

  static int port(FakeConnector.Attempt attempt) {
    return ((InetSocketAddress) attempt.host.address()).getPort();
  }

  Cluster withoutEndpoints(FakeConnector.Attempt... gone) throws Exception {
    Set<Integer> ports = Arrays.stream(gone).map(PoolFixture::port).collect(Collectors.toSet());
    return commit(
        config(
            CircuitBreakers.DEFAULTS,
            UpstreamHttpOptions.DEFAULTS,
            IntStream.rangeClosed(1, 3).filter(port -> !ports.contains(port))));
  }

  static UpstreamHttpOptions http2(int streams) {
    return http2(UpstreamProtocol.HTTP2, streams);
  }

  static UpstreamHttpOptions http2(UpstreamProtocol protocol, int streams) {
    UpstreamHttpOptions plain = UpstreamHttpOptions.DEFAULTS;
    Http2Options codec = plain.http2();
    return new UpstreamHttpOptions(
        plain.idleTimeout(),
        Duration.ZERO,
        0,
        false,
        protocol,
        new Http2Options(
            codec.hpackTableBytes(),
            streams,
            codec.initialStreamWindowBytes(),
            codec.initialConnectionWindowBytes(),
            codec.maxOutboundFrames(),
            codec.maxOutboundControlFrames(),
            codec.maxConsecutiveEmptyFrames(),
            codec.maxPriorityFramesPerStream(),
            codec.maxWindowUpdatesPerDataFrame(),
            codec.allowConnect(),
            codec.keepalive()));
  }

  Cluster cluster(CircuitBreakers breakers, UpstreamHttpOptions http, int endpoints)
      throws Exception {
    return commit(config(breakers, http, IntStream.rangeClosed(1, endpoints)));
  }

  static ClusterConfig config(CircuitBreakers breakers, UpstreamHttpOptions http, IntStream ports) {
    List<Endpoint> list =
        ports
            .mapToObj(port -> Endpoint.of(InetAddress.getLoopbackAddress().getHostAddress(), port))
            .toList();
    return new ClusterConfig(
        "c",
        0,
        DiscoveryType.STATIC,
        List.of(LocalityEndpoints.of(list)),
        LoadBalancing.DEFAULTS,
        Duration.ofSeconds(1),
        breakers,
        1 << 20,
        http,
        DnsOptions.DEFAULTS,
        FilterMetadata.NONE,
        Optional.empty(),
        Optional.empty());
  }

  Cluster commit(ClusterConfig config) throws Exception {
    ConfigSnapshot snapshot =
        new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(), List.of(config), List.of());
    boolean[] warm = new boolean[1];
    ClusterManager.Prepared prepared = clusters.prepare(snapshot, () -> warm[0] = true);
    assertThat(warm[0]).isTrue();
    clusters.commit(prepared);
    return clusters.find("c").orElseThrow();
  }

  static UpstreamHttpOptions options(Duration idle, int maxRequests) {
    UpstreamHttpOptions plain = UpstreamHttpOptions.DEFAULTS;
    return new UpstreamHttpOptions(
        idle, Duration.ZERO, maxRequests, plain.enableTrailers(), plain.protocol(), plain.http2());
  }
}
