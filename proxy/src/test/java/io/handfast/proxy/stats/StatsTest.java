package io.handfast.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import io.micrometer.core.instrument.Counter;
import org.junit.jupiter.api.Test;

class StatsTest {

  private final Stats stats = new Stats();

  @Test
  void shouldGiveTheSameHandleWhenAskedTwice() {
    // Given
    stats.cluster("up").rqTotal.inc();

    // When
    stats.cluster("up").rqTotal.inc();

    // Then
    assertThat(stats.cluster("up").rqTotal.value()).isEqualTo(2);
  }

  @Test
  void shouldFindAStatisticByItsWholeNameWhateverItsGroup() {
    // Given
    stats.cluster("a.b").rqTotal.inc();
    stats.cluster("a").http2.rxReset.inc();

    // When / Then
    assertThat(stats.counter("cluster.a.b.upstream_rq_total").value()).isEqualTo(1);
    assertThat(stats.counter("cluster.a.http2.rx_reset").value()).isEqualTo(1);
  }

  @Test
  void shouldKeepTheOrderOfNamesWhenOneGroupIsWithinAnother() {
    // Given
    stats.cluster("a.t");
    stats.cluster("a");

    // When
    String text = StatsText.text(stats, filter("membership_total|upstream_rq_total|ssl.handshake"));

    // Then
    assertThat(text.lines()).isSorted().hasSize(6);
  }

  @Test
  void shouldForgetATableThatIsNotUsed() {
    // Given
    stats.routeDiscovery("in", "old").accepted("1", 1);
    stats.routeDiscovery("in", "new").accepted("1", 1);

    // When
    stats.forgetRoutes("in", "old");

    // Then
    assertThat(StatsText.text(stats, filter("update_success")))
        .isEqualTo("http.in.rds.new.update_success: 1\n");
  }

  @Test
  void shouldRefuseTheNameWhenItIsOfAnotherKind() {
    // Given
    stats.counter("server.things");

    // When / Then
    assertThatThrownBy(() -> stats.gauge("server.things"))
        .hasMessage("server.things: Gauge (expected: Counter)");
  }

  @Test
  void shouldCountClassAndCodeWhenAResponseIsCounted() {
    // Given
    ClusterStats cluster = stats.cluster("up");

    // When
    cluster.countResponse(204);
    cluster.countResponse(204);
    cluster.countResponse(503);
    cluster.countResponse(999);

    // Then
    assertThat(StatsText.text(stats, filter("upstream_rq_[2-5]|completed")))
        .isEqualTo(
            """
            cluster.up.upstream_rq_204: 2
            cluster.up.upstream_rq_2xx: 2
            cluster.up.upstream_rq_3xx: 0
            cluster.up.upstream_rq_4xx: 0
            cluster.up.upstream_rq_503: 1
            cluster.up.upstream_rq_5xx: 1
            cluster.up.upstream_rq_completed: 4
            """);
  }

  @Test
  void shouldLeaveOutWhatWasNeverWrittenWhenUsedOnly() {
    // Given
    HttpStats http = stats.http("ingress");
    http.cxActive.inc();
    http.cxActive.dec();

    // When
    String text = StatsText.text(stats, new StatsFilter(null, true));

    // Then
    assertThat(text).isEqualTo("http.ingress.downstream_cx_active: 0\n");
  }

  @Test
  void shouldInterpolateQuantilesWhenValuesWereRecorded() {
    // Given
    Histogram time = stats.cluster("up").rqTime;
    for (int i = 1; i <= 100; i++) {
      time.record(i);
    }
    time.record(-5);

    // When
    Histogram.Snapshot snapshot = time.snapshot();

    // Then
    assertThat(snapshot.count()).isEqualTo(101);
    assertThat(snapshot.sum()).isEqualTo(5050);
    assertThat(snapshot.quantile(0.5)).isBetween(49.0, 51.0);
    assertThat(snapshot.quantile(1)).isEqualTo(100);
    assertThat(StatsText.text(stats, filter("upstream_rq_time$")))
        .startsWith("cluster.up.upstream_rq_time: P0(nan,0) P25(nan,")
        .endsWith(" P100(nan,100)\n");
  }

  @Test
  void shouldSayThatNothingWasRecordedWhenAHistogramIsEmpty() {
    // Given
    stats.cluster("up");

    // When / Then
    assertThat(StatsText.text(stats, filter("connect_ms")))
        .isEqualTo("cluster.up.upstream_cx_connect_ms: No recorded values\n");
  }

  @Test
  void shouldListMetersOfMicrometerWhenRenderedAsText() {
    // Given
    Counter.builder("handfast_tx_ended")
        .tag("outcome", "committed")
        .register(stats.meters())
        .increment(3);

    // When / Then
    assertThat(StatsText.text(stats, StatsFilter.ALL))
        .isEqualTo("handfast_tx_ended.committed: 3\n");
  }

  private static StatsFilter filter(String regex) {
    return new StatsFilter(Pattern.compile(regex), false);
  }
}
