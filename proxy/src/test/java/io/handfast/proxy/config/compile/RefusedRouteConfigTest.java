package io.handfast.proxy.config.compile;

import static io.handfast.proxy.config.compile.RefusedConfigTest.bad;

import io.handfast.proxy.config.compile.RefusedConfigTest.Case;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a route table must not say. */
final class RefusedRouteConfigTest {

  static List<Case> cases() {
    return List.of(
        bad(
            "TABLE",
            "typed_per_filter_config: { rooter: { '@type': a/handfast.transaction.v1.TransactionPerRoute } }",
            Bootstraps.HCM
                + ".route_config.typed_per_filter_config[\"rooter\"]: no filter of that name in http_filters (expected: one of [router]; did you mean 'router'?)"),
        bad(
            "HOST",
            "typed_per_filter_config: { router: { '@type': a/handfast.transaction.v1.TransactionPerRoute } }",
            Bootstraps.HOST
                + ".typed_per_filter_config[\"router\"]: handfast.transaction.v1.TransactionPerRoute (expected: nothing; this filter has no configuration per route)"),
        bad(
            "HOSTS",
            "- { name: all, domains: ['*', 'A.com', a.com, 'a*b', '', '**'] }",
            Bootstraps.HCM
                + ".route_config.virtual_hosts[1].name: all (expected: a name of its own; "
                + Bootstraps.HOST
                + " has it)",
            Bootstraps.HCM
                + ".route_config.virtual_hosts[1].domains[0]: * (expected: each domain once in a route table; "
                + Bootstraps.HOST
                + ".domains[0] has it)",
            Bootstraps.HOST
                + ".domains[2]: a.com (expected: each domain once in a route table; "
                + Bootstraps.HOST
                + ".domains[1] has it)",
            Bootstraps.HOST + ".domains[3]: 'a*b' (expected: a host, *.host, host.* or *)",
            Bootstraps.HOST + ".domains[4]: '' (expected: a host, *.host, host.* or *)",
            Bootstraps.HOST + ".domains[5]: '**' (expected: a host, *.host, host.* or *)"),
        bad(
            "HOST",
            "require_tls: ALL",
            Bootstraps.HOST
                + ".require_tls: is not supported and would change traffic (expected: not set)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, max_stream_duration: { grpc_timeout_header_max: -1s, max_stream_duration: -2s } } }",
            Bootstraps.ROUTE
                + ".route.max_stream_duration.grpc_timeout_header_max: -1s (expected: 0s to 315360000s)",
            Bootstraps.ROUTE
                + ".route.max_stream_duration.max_stream_duration: -2s (expected: 0s to 315360000s)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, max_stream_duration: { grpc_timeout_header_offset: 1s } } }",
            Bootstraps.ROUTE
                + ".route.max_stream_duration.grpc_timeout_header_offset: without grpc_timeout_header_max (expected: both; 0s is no maximum)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, grpc_timeout_offset: 1s } }",
            Bootstraps.ROUTE
                + ".route.grpc_timeout_offset: without max_grpc_timeout (expected: both, or max_stream_duration)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, upgrade_configs: [{ upgrade_type: websocket, connect_config: {} }, { upgrade_type: CONNECT, connect_config: { allow_post: true, proxy_protocol_config: {} } }] } }",
            Bootstraps.ROUTE
                + ".route.upgrade_configs[0].connect_config: set with upgrade_type websocket (expected: CONNECT)",
            Bootstraps.ROUTE
                + ".route.upgrade_configs[1].connect_config.allow_post: true (expected: one of [false]; a POST is no CONNECT)",
            Bootstraps.ROUTE
                + ".route.upgrade_configs[1].connect_config.proxy_protocol_config: is not supported and would change traffic (expected: not set; the PROXY protocol is not built yet)"),
        bad(
            "ROUTE",
            "- { match: {}, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.path_specifier: missing (expected: one of prefix, path, safe_regex, connect_matcher, path_separated_prefix)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / } }",
            Bootstraps.ROUTE
                + ".action: missing (expected: one of route, redirect, direct_response)"),
        bad(
            "ROUTE",
            "- { match: { safe_regex: { regex: '(' } }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.safe_regex.regex: ( (expected: RE2 syntax: missing closing ))"),
        bad(
            "ROUTE",
            "- { match: { path_separated_prefix: /a/ }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.path_separated_prefix: /a/ (expected: it starts with '/' and does not end with one)"),
        bad(
            "ROUTE",
            "- { match: { prefix: /, headers: [{ name: x, range_match: { start: 2, end: 2 } }, { name: '' }] }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.headers[0].range_match: [2, 2) (expected: start less than end)",
            Bootstraps.ROUTE + ".match.headers[1].name: '' (expected: a non-empty string)"),
        bad(
            "ROUTE",
            "- { match: { prefix: /, tls_context: {} }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.tls_context: is not supported and would change traffic (expected: not set)"),
        bad(
            "ROUTE",
            "- { match: { prefix: /, runtime_fraction: { default_value: { numerator: 1 }, runtime_key: 3 } }, route: { cluster: service, auto_host_rewrite: true } }",
            Bootstraps.ROUTE + ".route.auto_host_rewrite: true (expected: one of [false])"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, prefix_rewrite: /a, regex_rewrite: { pattern: { regex: (a) }, substitution: '\\2' } } }",
            Bootstraps.ROUTE
                + ".route.regex_rewrite: excludes prefix_rewrite, which is set too (expected: one of them)",
            Bootstraps.ROUTE
                + ".route.regex_rewrite.substitution: \\2 (expected: after a backslash the number of a group of the regex, up to 1, or another backslash)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, redirect: { regex_rewrite: { pattern: { regex: '(' }, substitution: x } } }",
            Bootstraps.ROUTE
                + ".redirect.regex_rewrite.pattern.regex: ( (expected: RE2 syntax: missing closing ))"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: servise } }",
            Bootstraps.ROUTE
                + ".route.cluster: servise (expected: a cluster of this configuration; did you mean 'service'?)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster_specifier_plugin: x } }",
            Bootstraps.ROUTE
                + ".route.cluster_specifier_plugin: is not supported and would change traffic (expected: not set)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { weighted_clusters: { clusters: [{ name: service, weight: 0 }] } } }",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters: weight sum 0 (expected: 1 to 4294967295)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { weighted_clusters: { clusters: [{ name: service, weight: 4294967295 }, { name: service, weight: 1 }] } } }",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters: weight sum 4294967296 (expected: 1 to 4294967295)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { weighted_clusters: { total_weight: 9, clusters: [{ name: service, weight: 3 }, { weight: 1 }, { name: x, weight: 1 }] } } }",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters[1].name: missing (expected: the name of a cluster)",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters[2].name: x (expected: a cluster of this configuration)",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.total_weight: 9 (expected: the sum of the weights, 4)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, retry_policy: { retry_on: 'connect-failure,5xx' } } }",
            Bootstraps.ROUTE
                + ".route.retry_policy.retry_on: connect-failure,5xx (expected: connect-failure; other conditions are not built yet)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, direct_response: { status: 99 } }",
            Bootstraps.ROUTE + ".direct_response.status: 99 (expected: >= 200)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: '"
                + "x".repeat(4097)
                + "' } } }",
            Bootstraps.ROUTE
                + ".direct_response.body: larger than 4096 bytes (expected: less; max_direct_response_body_size_bytes of the table sets the limit)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, redirect: { port_redirect: 70000 } }",
            Bootstraps.ROUTE + ".redirect.port_redirect: 70000 (expected: 0 to 65535)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service }, request_headers_to_remove: [Host], request_headers_to_add: [{ header: { key: a b, value: x } }, { header: { key: a, value: '%NONSENSE%' } }] }",
            Bootstraps.ROUTE
                + ".request_headers_to_remove[0]: Host (expected: a header that a route may change; for the host use host_rewrite_literal, for the path prefix_rewrite)",
            Bootstraps.ROUTE
                + ".request_headers_to_add[0].header.key: 'a b' (expected: a header name)",
            Bootstraps.ROUTE
                + ".request_headers_to_add[1].header.value: %NONSENSE% (expected: a known command operator)"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldNameEveryFieldThatIsWrong(Case given) {
    RefusedConfigTest.assertRefused(given);
  }
}
