package io.handfast.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusTextTest {

  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (NaN|[+-]Inf|[-+0-9.eE]+)");
  private static final Pattern LABELS =
      Pattern.compile(
          "(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\"(?:,(?!$)|$))*");

  private final Stats stats = new Stats();

  @Test
  void shouldUseEnvoysNamesAndLabelsWhenRendered() {
    // Given
    stats.cluster("up").countResponse(200);
    stats.http("ingress").countResponse(404);
    stats.listener("127.0.0.1:8080").cxTotal.inc();

    // When
    List<String> lines = PrometheusText.render(stats, StatsFilter.ALL).lines().toList();

    // Then
    assertThat(lines)
        .contains(
            "# TYPE envoy_cluster_upstream_rq_xx counter",
            "envoy_cluster_upstream_rq_xx{envoy_response_code_class=\"2\",envoy_cluster_name=\"up\"} 1",
            "envoy_cluster_upstream_rq{envoy_response_code=\"200\",envoy_cluster_name=\"up\"} 1",
            "envoy_http_downstream_rq_xx{envoy_response_code_class=\"4\",envoy_http_conn_manager_prefix=\"ingress\"} 1",
            "# TYPE envoy_cluster_upstream_rq_active gauge",
            "envoy_listener_downstream_cx_total{envoy_listener_address=\"127.0.0.1_8080\"} 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "envoy_cluster_membership_healthy gauge",
        "envoy_cluster_membership_total gauge",
        "envoy_cluster_membership_change counter",
        "envoy_cluster_membership_degraded gauge",
        "envoy_cluster_circuit_breakers_default_cx_open gauge",
        "envoy_cluster_circuit_breakers_high_rq_open gauge",
        "envoy_cluster_lb_healthy_panic counter",
        "envoy_cluster_update_attempt counter",
        "envoy_cluster_update_failure counter",
        "envoy_cluster_update_success counter",
        "envoy_cluster_upstream_cx_connect_timeout counter",
        "envoy_cluster_upstream_cx_destroy counter",
        "envoy_cluster_upstream_cx_destroy_local counter",
        "envoy_cluster_upstream_cx_destroy_remote counter",
        "envoy_cluster_upstream_cx_destroy_with_active_rq counter",
        "envoy_cluster_upstream_cx_http1_total counter",
        "envoy_cluster_upstream_cx_http2_total counter",
        "envoy_cluster_upstream_cx_idle_timeout counter",
        "envoy_cluster_upstream_cx_none_healthy counter",
        "envoy_cluster_upstream_cx_overflow counter",
        "envoy_cluster_upstream_cx_protocol_error counter",
        "envoy_cluster_upstream_cx_tx_bytes_total counter",
        "envoy_cluster_upstream_flow_control_paused_reading_total counter",
        "envoy_cluster_upstream_rq_cancelled counter",
        "envoy_cluster_upstream_rq_completed counter",
        "envoy_cluster_upstream_rq_max_duration_reached counter",
        "envoy_cluster_upstream_rq_pending_active gauge",
        "envoy_cluster_upstream_rq_pending_failure_eject counter",
        "envoy_cluster_upstream_rq_pending_total counter",
        "envoy_cluster_upstream_rq_retry_overflow counter",
        "envoy_cluster_upstream_rq_retry_success counter",
        "envoy_cluster_upstream_rq_rx_reset counter",
        "envoy_cluster_upstream_rq_tx_reset counter",
        "envoy_listener_manager_listener_added counter",
        "envoy_listener_manager_listener_create_failure counter",
        "envoy_listener_manager_listener_create_success counter",
        "envoy_listener_manager_listener_modified counter",
        "envoy_listener_manager_listener_removed counter",
        "envoy_http_downstream_cx_destroy counter",
        "envoy_http_downstream_cx_drain_close counter",
        "envoy_http_downstream_cx_http1_total counter",
        "envoy_http_downstream_cx_http2_total counter",
        "envoy_http_downstream_cx_idle_timeout counter",
        "envoy_http_downstream_cx_protocol_error counter",
        "envoy_http_downstream_cx_rx_bytes_total counter",
        "envoy_http_downstream_cx_tx_bytes_total counter",
        "envoy_http_downstream_rq_completed counter",
        "envoy_http_downstream_rq_header_timeout counter",
        "envoy_http_downstream_rq_http1_total counter",
        "envoy_http_downstream_rq_http2_total counter",
        "envoy_http_downstream_rq_idle_timeout counter",
        "envoy_http_downstream_rq_rx_reset counter",
        "envoy_http_downstream_rq_timeout counter",
        "envoy_http_downstream_rq_too_large counter",
        "envoy_http_downstream_rq_tx_reset counter",
        "envoy_http_no_cluster counter",
        "envoy_http_no_route counter",
        "envoy_http_rq_direct_response counter",
        "envoy_http_rq_total counter",
        "envoy_listener_downstream_cx_destroy counter",
        "envoy_listener_downstream_cx_overflow counter",
        "envoy_listener_downstream_pre_cx_active gauge",
        "envoy_listener_downstream_pre_cx_timeout counter",
        "envoy_listener_no_filter_chain_match counter",
        "envoy_tcp_downstream_cx_no_route counter",
        "envoy_tcp_downstream_cx_rx_bytes_total counter",
        "envoy_tcp_downstream_cx_total counter",
        "envoy_tcp_downstream_cx_tx_bytes_total counter",
        "envoy_tcp_idle_timeout counter",
        "envoy_server_memory_allocated gauge",
        "envoy_server_memory_heap_size gauge",
        "envoy_cluster_upstream_cx_active gauge",
        "envoy_cluster_upstream_cx_connect_fail counter",
        "envoy_cluster_upstream_cx_connect_ms histogram",
        "envoy_cluster_upstream_cx_rx_bytes_total counter",
        "envoy_cluster_upstream_cx_total counter",
        "envoy_cluster_upstream_rq counter",
        "envoy_cluster_upstream_rq_active gauge",
        "envoy_cluster_upstream_rq_pending_overflow counter",
        "envoy_cluster_upstream_rq_retry counter",
        "envoy_cluster_upstream_rq_time histogram",
        "envoy_cluster_upstream_rq_timeout counter",
        "envoy_cluster_upstream_rq_total counter",
        "envoy_cluster_upstream_rq_xx counter",
        "envoy_http_downstream_cx_active gauge",
        "envoy_http_downstream_cx_length_ms histogram",
        "envoy_http_downstream_cx_total counter",
        "envoy_http_downstream_rq_active gauge",
        "envoy_http_downstream_rq_time histogram",
        "envoy_http_downstream_rq_total counter",
        "envoy_http_downstream_rq_xx counter",
        "envoy_listener_downstream_cx_active gauge",
        "envoy_listener_downstream_cx_total counter",
        "envoy_server_concurrency gauge",
        "envoy_server_live gauge",
        "envoy_server_state gauge",
        "envoy_server_uptime gauge",
      })
  void shouldHaveWhatDashboardsForEnvoyAskFor(String family) {
    // Given
    stats.cluster("up").countResponse(200);
    stats.http("ingress").countResponse(200);
    stats.listener("0.0.0.0:10000");
    stats.tcp("db");
    assertThat(new ListenerManagerStats(stats).added.value()).isZero();
    ServerStats.register(stats, () -> 1, () -> 0, () -> 5, 2);

    // When
    String text = PrometheusText.render(stats, StatsFilter.ALL);

    // Then
    assertThat(text).contains("# TYPE " + family + "\n");
  }

  @Test
  void shouldUseEnvoysBucketsWhenAHistogramIsRendered() {
    // Given
    stats.cluster("up").rqTime.record(3);

    // When
    String text = PrometheusText.render(stats, StatsFilter.ALL);

    // Then
    assertThat(text.lines().filter(line -> line.startsWith("envoy_cluster_upstream_rq_time_")))
        .map(line -> line.replace("envoy_cluster_name=\"up\"", ""))
        .containsExactly(
            "envoy_cluster_upstream_rq_time_bucket{,le=\"0.5\"} 0",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"1\"} 0",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"5\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"10\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"25\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"50\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"100\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"250\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"500\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"1000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"2500\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"5000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"10000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"30000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"60000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"300000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"600000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"1800000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"3600000\"} 1",
            "envoy_cluster_upstream_rq_time_bucket{,le=\"+Inf\"} 1",
            "envoy_cluster_upstream_rq_time_sum{} 3",
            "envoy_cluster_upstream_rq_time_count{} 1");
  }

  @Test
  void shouldParseWhenValuesNeedEscaping() {
    // Given
    stats.cluster("a\"b\\c\nd").rqTime.record(7);
    Counter.builder("handfast_tx_begun").register(stats.meters()).increment();

    // When
    String text = PrometheusText.render(stats, StatsFilter.ALL);

    // Then
    assertParses(text);
    assertThat(text)
        .contains(
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"a\\\"b\\\\c\\nd\",le=\"10\"} 1")
        .contains(
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"a\\\"b\\\\c\\nd\",le=\"+Inf\"} 1")
        .contains("handfast_tx_begun_total 1.0");
  }

  /**
   * Every line is a comment or a sample, and the samples of one family stand together under one
   * TYPE line.
   */
  private static void assertParses(String text) {
    Set<String> families = new HashSet<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        assertThat(families.add(line.split(" ", -1)[2])).as("one TYPE of %s", line).isTrue();
      } else if (!line.startsWith("# HELP ")) {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as(line).isTrue();
        String labels = sample.group(2);
        assertThat(labels == null || LABELS.matcher(labels).matches()).as(line).isTrue();
      }
    }
    assertThat(families).isNotEmpty();
  }
}
