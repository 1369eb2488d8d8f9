package io.handfast.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

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
