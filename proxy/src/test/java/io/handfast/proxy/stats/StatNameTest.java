package io.handfast.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.stats.StatName.Label;
import org.junit.jupiter.api.Test;

class StatNameTest {

  @Test
  void shouldMoveTheClusterIntoALabelWhenRenderedForPrometheus() {
    // When
    StatName name = StatName.Group.cluster("bank-a").name("upstream_rq_total");

    // Then
    assertThat(name.dotted()).isEqualTo("cluster.bank-a.upstream_rq_total");
    assertThat(name.prometheus()).isEqualTo("envoy_cluster_upstream_rq_total");
    assertThat(name.labels()).containsExactly(new Label("envoy_cluster_name", "bank-a"));
  }

  @Test
  void shouldMoveTheClassIntoALabelWhenTheNameEndsInOne() {
    // When
    StatName name = StatName.Group.http("ingress").name("downstream_rq_2xx");

    // Then
    assertThat(name.dotted()).isEqualTo("http.ingress.downstream_rq_2xx");
    assertThat(name.prometheus()).isEqualTo("envoy_http_downstream_rq_xx");
    assertThat(name.labels())
        .containsExactly(
            new Label("envoy_response_code_class", "2"),
            new Label("envoy_http_conn_manager_prefix", "ingress"));
  }

  @Test
  void shouldMoveTheCodeIntoALabelWhenTheNameEndsInOne() {
    // When
    StatName name = StatName.Group.cluster("up").name("upstream_rq_503");

    // Then
    assertThat(name.prometheus()).isEqualTo("envoy_cluster_upstream_rq");
    assertThat(name.labels())
        .containsExactly(
            new Label("envoy_response_code", "503"), new Label("envoy_cluster_name", "up"));
  }

  @Test
  void shouldReplaceColonsWhenAListenerIsNamedByItsAddress() {
    // When
    StatName name = StatName.Group.listener("[::1]:8080").name("downstream_cx_active");

    // Then
    assertThat(name.dotted()).isEqualTo("listener.[__1]_8080.downstream_cx_active");
    assertThat(name.labels()).containsExactly(new Label("envoy_listener_address", "[__1]_8080"));
  }
}
