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
import io.handfast.proxy.config.ClusterConfig.Thresholds;
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
import io.handfast.proxy.stats.ClusterStats;
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
import org.junit.jupiter.api.Test;

final class LoopPoolsTest {
  private static final NameResolver NO_NAMES =
      (name, family, callback) -> callback.onFailure("no names here");

  private final ManualDispatcher loop = new ManualDispatcher();
  private final FakeConnector connector = new FakeConnector();
  private final ClusterManager clusters =
      new ClusterManager(new Stats(), NO_NAMES, loop, connector, bound -> 0);

  /** What a request was told. */
  private static class Request implements Lease.Listener {
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

  private Request request(Cluster cluster) {
    return request(cluster, RoutingPriority.DEFAULT);
  }

  private Request request(Cluster cluster, RoutingPriority priority) {
    Request request = new Request();
    request.lease =
        clusters.pools(loop).lease(cluster, HttpProtocol.HTTP_1_1, priority, null, request);
    return request;
  }

  @Test
  void shouldReuseTheConnectionUsedLastWhenSeveralAreIdle() throws Exception {
    // Given: two connections, the second one idle last
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 1);
    Request first = request(cluster);
    Request second = request(cluster);
    connector.attempts.forEach(FakeConnector.Attempt::connected);
    first.end();
    connector.attempts.get(0).responseEnded();
    second.end();
    connector.attempts.get(1).responseEnded();

    // When
    Request third = request(cluster);

    // Then
    assertThat(third.told).containsExactly("reused 1");
    assertThat(third.connection).isSameAs(second.connection);
    assertThat(connector.attempts).hasSize(2);
  }

  @Test
  void shouldGoRoundWhenThereAreSeveralEndpoints() throws Exception {
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 3);
    for (int i = 0; i < 6; i++) {
      assertThat(request(cluster).told).isEmpty();
    }
    assertThat(connector.attempts).hasSize(6);
    for (int port = 1; port <= 3; port++) {
      int wanted = port;
      assertThat(connector.attempts)
          .filteredOn(attempt -> ((InetSocketAddress) attempt.host.address()).getPort() == wanted)
          .hasSize(2);
    }
  }

  @Test
  void shouldRefuseWhenACircuitBreakerIsOpen() throws Exception {
    // Given: one connection, one that waits, three in flight
    Cluster cluster = cluster(new CircuitBreakers(1, 1, 3, 3), UpstreamHttpOptions.DEFAULTS, 1);
    Request first = request(cluster);
    Request pendingOverflow = request(cluster);
    connector.last().connected();
    Request waits = request(cluster);
    Request overflow = request(cluster);

    // Then
    assertThat(first.told).containsExactly("fresh 1");
    assertThat(pendingOverflow.told).containsExactly("OVERFLOW max_pending_requests");
    assertThat(waits.told).isEmpty();
    assertThat(overflow.told).containsExactly("OVERFLOW max_pending_requests");
    assertThat(connector.attempts).hasSize(1);

    // When the first ends, the one that waits is served
    first.end();
    connector.last().responseEnded();
    assertThat(waits.told).containsExactly("reused 1");
    waits.end();
    assertThat(cluster.stats().rqActive.value()).isZero();
    assertThat(cluster.stats().rqPendingActive.value()).isZero();
    assertThat(cluster.stats().rqPendingOverflow.value()).isEqualTo(2);
  }

  @Test
  void shouldRefuseWhenTooManyRequestsAreInFlight() throws Exception {
    Cluster cluster = cluster(new CircuitBreakers(9, 9, 1, 3), UpstreamHttpOptions.DEFAULTS, 1);
    Request first = request(cluster);
    assertThat(request(cluster).told).containsExactly("OVERFLOW max_requests");
    first.end();
    assertThat(request(cluster).told).isEmpty();
  }

  @Test
  void shouldFailAllThatWaitWhenTheEndpointRefuses() throws Exception {
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 1);
    Request first = request(cluster);
    Request second = request(cluster);

    connector.attempts.getFirst().failed(false);

    assertThat(first.told).containsExactly("CONNECT_FAILED refused");
    assertThat(second.told).containsExactly("CONNECT_FAILED refused");
    assertThat(cluster.stats().cxConnectFail.value()).isEqualTo(1);

    // What the second attempt brings serves who comes next
    connector.attempts.getLast().connected();
    assertThat(request(cluster).told).containsExactly("fresh 1");
  }

  @Test
  void shouldGivePlacesBackWhenConnectionsFail() throws Exception {
    Cluster cluster = cluster(new CircuitBreakers(2, 9, 9, 3), UpstreamHttpOptions.DEFAULTS, 1);
    for (int i = 0; i < 3; i++) {
      request(cluster);

      connector.attempts.getLast().failed(i == 1);

      assertThat(cluster.stats().defaultBreaker.cxOpen.value()).isZero();
    }
    assertThat(cluster.stats().cxOverflow.value()).isZero();
  }

  @Test
  void shouldConnectAgainWhenARefusedRequestIsSentAgainAtOnce() throws Exception {
    // Given: a request that answers a failure by another attempt, as the router does
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 1);
    Request second = new Request();
    Request first =
        new Request() {
          @Override
          public void onFailure(PoolFailure failure, @Nullable Host host, String reason) {
            super.onFailure(failure, host, reason);
            second.lease =
                clusters
                    .pools(loop)
                    .lease(cluster, HttpProtocol.HTTP_1_1, RoutingPriority.DEFAULT, null, second);
          }
        };
    first.lease =
        clusters
            .pools(loop)
            .lease(cluster, HttpProtocol.HTTP_1_1, RoutingPriority.DEFAULT, null, first);

    // When
    connector.attempts.getFirst().failed(false);

    // Then: it waits for a connection of its own
    assertThat(first.told).containsExactly("CONNECT_FAILED refused");
    assertThat(second.told).isEmpty();
    assertThat(connector.attempts).hasSize(2);
    connector.last().connected();
    assertThat(second.told).containsExactly("fresh 1");
  }

  @Test
  void shouldShareAConnectionWhenItTakesSeveralStreams() throws Exception {
    // Given
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 1);
    Request first = request(cluster);
    connector.last().limit = 3;
    connector.last().connected();

    // When
    Request second = request(cluster);
    Request third = request(cluster);
    Request fourth = request(cluster);

    // Then: the fourth finds no room, and gets the first place that is free
    assertThat(List.of(second.told, third.told)).containsOnly(List.of("reused 1"));
    assertThat(fourth.told).isEmpty();
    assertThat(connector.attempts).hasSize(2);
    first.end();
    connector.attempts.getFirst().responseEnded();
    assertThat(fourth.connection).isSameAs(first.connection);
  }

  @Test
  void shouldServeAllThatWaitWhenAConnectionForManyComes() throws Exception {
    // Given
    Cluster cluster = cluster(new CircuitBreakers(1, 9, 9, 3), UpstreamHttpOptions.DEFAULTS, 1);
    List<Request> waiting = List.of(request(cluster), request(cluster), request(cluster));
    connector.last().limit = 2;

    // When
    connector.last().connected();

    // Then
    assertThat(waiting.get(0).told).containsExactly("fresh 1");
    assertThat(waiting.get(1).told).containsExactly("reused 1");
    assertThat(waiting.get(2).told).isEmpty();

    // When its peer allows more
    connector.last().limit = 3;
    connector.last().moreStreams();
    assertThat(waiting.get(2).told).containsExactly("reused 1");
  }

  @Test
  void shouldConnectAgainWhenThePeerGoesAway() throws Exception {
    // Given: room for more, and a stream that goes on
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 1);
    Request first = request(cluster);
    FakeConnector.Attempt leaving = connector.last();
    leaving.limit = 100;
    leaving.connected();

    // When
    leaving.peerGoesAway();
    Request second = request(cluster);

    // Then
    assertThat(second.told).isEmpty();
    assertThat(connector.attempts).hasSize(2);
    assertThat(leaving.closed).isFalse();
    connector.last().connected();
    assertThat(second.connection).isNotSameAs(first.connection);
  }

  @Test
  void shouldNotDisturbOtherStreamsWhenAConnectionHasServedItsNumber() throws Exception {
    // Given
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, options(Duration.ofSeconds(5), 2), 1);
    request(cluster);
    FakeConnector.Attempt shared = connector.last();
    shared.limit = 100;
    shared.connected();
    request(cluster);

    // When: it takes no third, and one of the two ends
    Request third = request(cluster);
    shared.responseEnded();
    loop.advance(Duration.ofSeconds(6));

    // Then
    assertThat(third.told).isEmpty();
    assertThat(shared.closed).isFalse();
    shared.responseEnded();
    assertThat(shared.closed).isTrue();
  }

  @Test
  void shouldSayThatThereIsNoEndpointWhenTheClusterIsEmpty() throws Exception {
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 0);
    assertThat(request(cluster).told).containsExactly("NO_HOST no endpoint");
    assertThat(cluster.stats().rqActive.value()).isZero();
  }

  @Test
  void shouldForgetARequestWhenItIsGivenUpWhileItWaits() throws Exception {
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 1);
    Request gone = request(cluster);
    gone.end();
    gone.end();

    connector.last().connected();

    assertThat(gone.told).isEmpty();
    assertThat(cluster.stats().rqCancelled.value()).isEqualTo(1);
    assertThat(cluster.stats().rqActive.value()).isZero();
    assertThat(request(cluster).told).containsExactly("fresh 1");
  }

  @Test
  void shouldCloseConnectionWhenItIsIdleForTooLong() throws Exception {
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, options(Duration.ofSeconds(5), 0), 1);
    Request first = request(cluster);
    connector.last().connected();
    first.end();
    connector.last().responseEnded();

    loop.advance(Duration.ofSeconds(4));
    assertThat(connector.last().closed).isFalse();
    loop.advance(Duration.ofSeconds(1));

    assertThat(connector.last().closed).isTrue();
    assertThat(cluster.stats().cxIdleTimeout.value()).isEqualTo(1);
    assertThat(cluster.stats().cxActive.value()).isZero();
    assertThat(request(cluster).told).isEmpty();
    assertThat(connector.attempts).hasSize(2);
  }

  @Test
  void shouldNotCountTheTimeForWhichAConnectionIsUsed() throws Exception {
    // Given: idle for 4 s, then used for 4 s
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, options(Duration.ofSeconds(5), 0), 1);
    Request first = request(cluster);
    connector.last().connected();
    first.end();
    connector.last().responseEnded();
    loop.advance(Duration.ofSeconds(4));
    Request second = request(cluster);
    loop.advance(Duration.ofSeconds(4));
    assertThat(connector.last().closed).isFalse();

    // When
    second.end();
    connector.last().responseEnded();
    loop.advance(Duration.ofSeconds(4));
    boolean closedBefore = connector.last().closed;
    loop.advance(Duration.ofSeconds(1));

    // Then
    assertThat(second.told).containsExactly("reused 1");
    assertThat(closedBefore).isFalse();
    assertThat(connector.last().closed).isTrue();
  }

  @Test
  void shouldLetGoOfAnEndpointThatTheClusterHasNoMore() throws Exception {
    // Given: one connection each, the first one's in use
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 3);
    Request busy = request(cluster);
    Request idle = request(cluster);
    Request stays = request(cluster);
    connector.attempts.forEach(FakeConnector.Attempt::connected);
    idle.end();
    attempt(idle).responseEnded();

    // When
    Cluster smaller = withoutEndpoints(attempt(busy), attempt(idle));
    assertThat(smaller).isSameAs(cluster);
    request(cluster);

    // Then
    assertThat(attempt(idle).closed).isTrue();
    assertThat(attempt(busy).closed).isFalse();
    busy.end();
    attempt(busy).responseEnded();
    assertThat(attempt(busy).closed).isTrue();
    assertThat(attempt(stays).closed).isFalse();
  }

  private static FakeConnector.Attempt attempt(Request request) {
    return (FakeConnector.Attempt) Objects.requireNonNull(request.connection);
  }

  private static int port(FakeConnector.Attempt attempt) {
    return ((InetSocketAddress) attempt.host.address()).getPort();
  }

  private Cluster withoutEndpoints(FakeConnector.Attempt... gone) throws Exception {
    Set<Integer> ports = Arrays.stream(gone).map(LoopPoolsTest::port).collect(Collectors.toSet());
    return commit(
        config(
            CircuitBreakers.DEFAULTS,
            UpstreamHttpOptions.DEFAULTS,
            IntStream.rangeClosed(1, 3).filter(port -> !ports.contains(port))));
  }

  @Test
  void shouldCloseConnectionWhenItHasServedItsNumberOfRequests() throws Exception {
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, options(Duration.ZERO, 2), 1);
    for (int i = 0; i < 2; i++) {
      Request request = request(cluster);
      if (i == 0) {
        connector.last().connected();
      }
      request.end();
      connector.last().responseEnded();
    }
    assertThat(connector.last().closed).isTrue();
    assertThat(cluster.stats().cxMaxRequests.value()).isEqualTo(1);
  }

  @Test
  void shouldConnectAgainWhenAConnectionDiesAndSomebodyWaits() throws Exception {
    Cluster cluster = cluster(new CircuitBreakers(1, 9, 9, 3), UpstreamHttpOptions.DEFAULTS, 1);
    Request first = request(cluster);
    connector.last().connected();
    Request waits = request(cluster);
    assertThat(connector.attempts).hasSize(1);

    connector.last().closedByPeer();
    first.end();

    assertThat(connector.attempts).hasSize(2);
    connector.last().connected();
    assertThat(waits.told).containsExactly("fresh 1");
    assertThat(cluster.stats().cxDestroyRemote.value()).isEqualTo(1);
  }

  @Test
  void shouldCloseWhenTheClusterIsDrainedAndTheRequestHasEnded() throws Exception {
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, UpstreamHttpOptions.DEFAULTS, 1);
    Request busy = request(cluster);
    connector.last().connected();

    clusters.pools(loop).drain(cluster);
    assertThat(connector.last().closed).isFalse();
    busy.end();
    connector.last().responseEnded();

    assertThat(connector.last().closed).isTrue();
  }

  @Test
  void shouldConnectOnceForManyWhenTheProtocolShares() throws Exception {
    // Given
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, http2(100), 1);

    // When
    List<Request> requests = IntStream.range(0, 50).mapToObj(_ -> request(cluster)).toList();

    // Then
    assertThat(connector.attempts).hasSize(1);
    connector.last().limit = 100;
    connector.last().connected();
    assertThat(requests).allSatisfy(request -> assertThat(request.told).hasSize(1));
  }

  @Test
  void shouldConnectForThoseThatAreLeftWhenThePeerAllowsFewerStreams() throws Exception {
    // Given: room for 100 by our own word
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, http2(100), 1);
    List<Request> requests = IntStream.range(0, 50).mapToObj(_ -> request(cluster)).toList();

    // When the first peer says 20
    connector.last().limit = 20;
    connector.last().connected();

    // Then: 30 are left, for two more of these
    assertThat(connector.attempts).hasSize(3);
    connector.attempts.subList(1, 3).forEach(attempt -> attempt.limit = 20);
    connector.attempts.subList(1, 3).forEach(FakeConnector.Attempt::connected);
    assertThat(requests).allSatisfy(request -> assertThat(request.told).hasSize(1));
    assertThat(connector.attempts).hasSize(3);
  }

  @Test
  void shouldConnectForEachWhenTlsAgreesOnHttp1() throws Exception {
    // Given: room for all by our own word
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, http2(UpstreamProtocol.AUTO, 100), 1);
    List<Request> requests = IntStream.range(0, 5).mapToObj(_ -> request(cluster)).toList();
    assertThat(connector.attempts).hasSize(1);

    // When
    connector.last().connected();

    // Then
    assertThat(connector.attempts).hasSize(5);
    connector.attempts.subList(1, 5).forEach(FakeConnector.Attempt::connected);
    assertThat(requests).allSatisfy(request -> assertThat(request.told).hasSize(1));
    assertThat(cluster.stats().cxHttp1Total.value()).isEqualTo(5);
  }

  @Test
  void shouldConnectOnceForManyWhenTlsAgreesOnHttp2() throws Exception {
    // Given
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, http2(UpstreamProtocol.AUTO, 100), 1);
    List<Request> requests = IntStream.range(0, 5).mapToObj(_ -> request(cluster)).toList();

    // When
    connector.last().limit = 100;
    connector.last().agreed = HttpProtocol.HTTP_2;
    connector.last().connected();

    // Then
    assertThat(connector.attempts).hasSize(1);
    assertThat(requests).allSatisfy(request -> assertThat(request.told).hasSize(1));
    assertThat(cluster.stats().cxHttp2Total.value()).isEqualTo(1);
  }

  @Test
  void shouldBoundEachPriorityByItselfWhenARouteIsUrgent() throws Exception {
    // Given
    Thresholds one = new Thresholds(1, 1, 1, 1, true);
    Cluster cluster = cluster(new CircuitBreakers(one, one), UpstreamHttpOptions.DEFAULTS, 1);
    ClusterStats stats = cluster.stats();
    assertThat(stats.defaultBreaker.remainingRq.value()).isEqualTo(1);
    assertThat(stats.defaultBreaker.rqOpen.value()).isZero();

    // When
    Request usual = request(cluster, RoutingPriority.DEFAULT);
    Request second = request(cluster, RoutingPriority.DEFAULT);
    Request urgent = request(cluster, RoutingPriority.HIGH);

    // Then: connections of their own, too
    assertThat(second.told).containsExactly("OVERFLOW max_requests");
    assertThat(usual.told).isEmpty();
    assertThat(urgent.told).isEmpty();
    assertThat(connector.attempts).hasSize(2);
    assertThat(stats.defaultBreaker.rqOpen.value()).isEqualTo(1);
    assertThat(stats.defaultBreaker.cxOpen.value()).isEqualTo(1);
    assertThat(stats.defaultBreaker.rqPendingOpen.value()).isEqualTo(1);
    assertThat(stats.defaultBreaker.remainingRq.value()).isZero();
    assertThat(stats.highBreaker.rqOpen.value()).isEqualTo(1);
    usual.end();
    assertThat(stats.defaultBreaker.rqOpen.value()).isZero();
    assertThat(stats.defaultBreaker.rqPendingOpen.value()).isZero();
    assertThat(stats.defaultBreaker.remainingRq.value()).isEqualTo(1);
    assertThat(stats.highBreaker.rqOpen.value()).isEqualTo(1);
  }

  @Test
  void shouldGiveAnEndpointOneConnectionWhenOthersHaveThemAll() throws Exception {
    // Given: two endpoints, and one connection for both
    Cluster cluster = cluster(new CircuitBreakers(1, 9, 9, 3), UpstreamHttpOptions.DEFAULTS, 2);

    // When
    Request first = request(cluster);
    Request second = request(cluster);
    Request third = request(cluster);
    connector.attempts.forEach(FakeConnector.Attempt::connected);

    // Then: the third waits for the first endpoint's
    assertThat(connector.attempts).hasSize(2);
    assertThat(first.told).hasSize(1);
    assertThat(second.told).hasSize(1);
    assertThat(third.told).isEmpty();
    assertThat(cluster.stats().cxOverflow.value()).isPositive();
  }

  @Test
  void shouldTakeNoMoreRequestsOnAConnectionWhenItIsOld() throws Exception {
    // Given
    UpstreamHttpOptions plain = UpstreamHttpOptions.DEFAULTS;
    UpstreamHttpOptions http =
        new UpstreamHttpOptions(
            plain.idleTimeout(), Duration.ofSeconds(30), 0, false, plain.protocol(), plain.http2());
    Cluster cluster = cluster(CircuitBreakers.DEFAULTS, http, 1);
    request(cluster);
    FakeConnector.Attempt old = connector.last();
    old.connected();

    // When
    loop.advance(Duration.ofSeconds(30));

    // Then: what is on it goes on
    assertThat(old.closed).isFalse();
    assertThat(cluster.stats().cxMaxDuration.value()).isEqualTo(1);
    assertThat(request(cluster).told).isEmpty();
    assertThat(connector.attempts).hasSize(2);
    old.responseEnded();
    assertThat(old.closed).isTrue();
  }

  private static UpstreamHttpOptions http2(int streams) {
    return http2(UpstreamProtocol.HTTP2, streams);
  }

  private static UpstreamHttpOptions http2(UpstreamProtocol protocol, int streams) {
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

  private Cluster cluster(CircuitBreakers breakers, UpstreamHttpOptions http, int endpoints)
      throws Exception {
    return commit(config(breakers, http, IntStream.rangeClosed(1, endpoints)));
  }

  private static ClusterConfig config(
      CircuitBreakers breakers, UpstreamHttpOptions http, IntStream ports) {
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

  private Cluster commit(ClusterConfig config) throws Exception {
    ConfigSnapshot snapshot =
        new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(), List.of(config), List.of());
    boolean[] warm = new boolean[1];
    ClusterManager.Prepared prepared = clusters.prepare(snapshot, () -> warm[0] = true);
    assertThat(warm[0]).isTrue();
    clusters.commit(prepared);
    return clusters.find("c").orElseThrow();
  }

  private static UpstreamHttpOptions options(Duration idle, int maxRequests) {
    UpstreamHttpOptions plain = UpstreamHttpOptions.DEFAULTS;
    return new UpstreamHttpOptions(
        idle, Duration.ZERO, maxRequests, plain.enableTrailers(), plain.protocol(), plain.http2());
  }
}
