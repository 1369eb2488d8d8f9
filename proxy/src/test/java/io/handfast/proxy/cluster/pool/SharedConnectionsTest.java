package io.handfast.proxy.cluster.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.http.HttpProtocol;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Connections that take many requests at a time. */
final class SharedConnectionsTest extends PoolFixture {
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
}
