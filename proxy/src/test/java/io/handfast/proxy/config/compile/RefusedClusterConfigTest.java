package io.handfast.proxy.config.compile;

import static io.handfast.proxy.config.compile.RefusedConfigTest.bad;

import io.handfast.proxy.config.compile.RefusedConfigTest.Case;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a cluster must not say. */
final class RefusedClusterConfigTest {

  static List<Case> cases() {
    return List.of(
        bad(
            "CLUSTER",
            "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { '@type': a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, common_http_protocol_options: { max_headers_count: 3 }, explicit_http_config: { http_protocol_options: { accept_http_10: true } } } }",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"envoy.extensions.upstreams.http.v3.HttpProtocolOptions\"].common_http_protocol_options.max_headers_count: is not supported in a cluster (expected: not set)",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"envoy.extensions.upstreams.http.v3.HttpProtocolOptions\"].explicit_http_config.http_protocol_options.accept_http_10: is not supported in a cluster (expected: not set)"),
        bad(
            "CLUSTER",
            "upstream_bind_config: { source_address: { address: here.local, port_value: 0 }, freebind: true }",
            Bootstraps.CLUSTER
                + ".upstream_bind_config.freebind: true (expected: one of [false]; binding to an address that this machine has not is not built)",
            Bootstraps.CLUSTER
                + ".upstream_bind_config.source_address.address: here.local (expected: an IP address to bind, such as 127.0.0.1 or 0.0.0.0)"),
        bad(
            "CLUSTER",
            "type: EDS",
            Bootstraps.CLUSTER
                + ".load_assignment: endpoints (expected: not set; a control plane brings them, as the type says)",
            Bootstraps.CLUSTER
                + ".eds_cluster_config.eds_config: missing (expected: where the endpoints come from, such as ads: {})"),
        bad(
            "CLUSTER",
            "type: ORIGINAL_DST",
            Bootstraps.CLUSTER
                + ".load_assignment: endpoints (expected: not set; clients bring them, as the type says)",
            Bootstraps.CLUSTER
                + ".lb_policy: ROUND_ROBIN (expected: CLUSTER_PROVIDED, for ORIGINAL_DST)"),
        bad(
            "CLUSTER",
            "lb_policy: CLUSTER_PROVIDED",
            Bootstraps.CLUSTER
                + ".lb_policy: CLUSTER_PROVIDED (expected: another; only the type ORIGINAL_DST provides one)"),
        bad(
            "CLUSTER",
            "type: ORIGINAL_DST\nlb_policy: CLUSTER_PROVIDED\ncleanup_interval: 0s\noriginal_dst_lb_config: { upstream_port_override: 0, metadata_key: { key: k, path: [{ key: p }] } }",
            Bootstraps.CLUSTER
                + ".original_dst_lb_config.metadata_key: is not supported and would change traffic (expected: not set; an address in metadata is not built)",
            Bootstraps.CLUSTER + ".cleanup_interval: 0s (expected: > 0s)",
            Bootstraps.CLUSTER
                + ".load_assignment: endpoints (expected: not set; clients bring them, as the type says)",
            Bootstraps.CLUSTER
                + ".original_dst_lb_config.upstream_port_override: 0 (expected: 1 to 65535)"),
        bad(
            "CLUSTER",
            "lb_policy: MAGLEV",
            Bootstraps.CLUSTER
                + ".lb_policy: MAGLEV (expected: one of [ROUND_ROBIN, LEAST_REQUEST, RANDOM, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG]; other load balancers are not built yet)"),
        bad(
            "CLUSTER",
            "lb_policy: LOAD_BALANCING_POLICY_CONFIG",
            Bootstraps.CLUSTER
                + ".load_balancing_policy: missing (expected: set, as lb_policy says that it is)"),
        bad(
            "CLUSTER",
            "load_balancing_policy: { policies: [{ typed_extension_config: { name: x, typed_config: { '@type': a/envoy.extensions.filters.http.router.v3.Router } } }] }",
            Bootstraps.CLUSTER
                + ".load_balancing_policy.policies[0].typed_extension_config.typed_config: envoy.extensions.filters.http.router.v3.Router (expected: a RoundRobin, Random or LeastRequest)"),
        bad(
            "CLUSTER",
            "least_request_lb_config: { choice_count: 1 }",
            Bootstraps.CLUSTER + ".least_request_lb_config.choice_count: 1 (expected: >= 2)"),
        bad(
            "CLUSTER",
            "common_lb_config: { healthy_panic_threshold: { value: 101 }, zone_aware_lb_config: {} }",
            Bootstraps.CLUSTER
                + ".common_lb_config.zone_aware_lb_config: is not supported and would change traffic (expected: not set; zone awareness is not built; without local_cluster_name Envoy has none either)",
            Bootstraps.CLUSTER
                + ".common_lb_config.healthy_panic_threshold.value: 101.0 (expected: <= 100.0)"),
        bad(
            "CLUSTER",
            "round_robin_lb_config: { slow_start_config: {} }",
            Bootstraps.CLUSTER
                + ".round_robin_lb_config.slow_start_config: is not supported and would change traffic (expected: not set; slow start is not built yet)"),
        bad(
            "CLUSTER",
            "connect_timeout: 0s",
            Bootstraps.CLUSTER + ".connect_timeout: 0s (expected: > 0s)"),
        bad(
            "CLUSTER",
            "outlier_detection: {}",
            Bootstraps.CLUSTER
                + ".outlier_detection: is not supported and would change traffic (expected: not set; outlier detection is not built yet)"),
        bad(
            "CLUSTER",
            "circuit_breakers: { thresholds: [{ max_requests: 1 }, { priority: HIGH }, { retry_budget: {} }] }",
            Bootstraps.CLUSTER
                + ".circuit_breakers.thresholds[2].retry_budget: is not supported and would change traffic (expected: not set)",
            Bootstraps.CLUSTER
                + ".circuit_breakers.thresholds[2]: a second entry of priority DEFAULT (expected: one)"),
        bad(
            "CLUSTER",
            "typed_extension_protocol_options: { x: { '@type': a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http3_protocol_options: {} } } }",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"x\"].explicit_http_config.http3_protocol_options: is not supported and would change traffic (expected: not set)",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"x\"]: is not supported (expected: envoy.extensions.upstreams.http.v3.HttpProtocolOptions)"),
        bad(
            "CLUSTER",
            "metadata: { filter_metadata: { handfast.transaction: { participent: true } } }",
            Bootstraps.CLUSTER
                + ".metadata.filter_metadata[\"handfast.transaction\"].participent: unknown field (expected: a field of handfast.transaction.v1.ClusterPolicy; did you mean 'participant'?)"),
        bad(
            "CLUSTER",
            "metadata: { typed_filter_metadata: { handfast.transaction: { '@type': a/handfast.transaction.v1.Transaction } } }",
            Bootstraps.CLUSTER
                + ".metadata.typed_filter_metadata[\"handfast.transaction\"]: a/handfast.transaction.v1.Transaction (expected: handfast.transaction.v1.ClusterPolicy)"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldNameEveryFieldThatIsWrong(Case given) {
    RefusedConfigTest.assertRefused(given);
  }
}
