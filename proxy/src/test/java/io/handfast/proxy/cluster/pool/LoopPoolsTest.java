package io.handfast.proxy.cluster.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.ClusterConfig.Thresholds;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.stats.ClusterStats;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One request at a time on a connection. */
final class LoopPoolsTest extends PoolFixture {
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
}
