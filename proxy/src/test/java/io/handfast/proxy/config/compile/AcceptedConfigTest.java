package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import io.handfast.proxy.config.ClusterConfig.DnsOptions;
import io.handfast.proxy.config.ClusterConfig.LbPolicy;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.FilterMetadata;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.HeaderMutations.IfPresent;
import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.CodecType;
import io.handfast.proxy.config.HttpConnectionManagerConfig.Forwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HeaderLimits;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.ListenerConfig.DrainType;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.NodeConfig;
import io.handfast.proxy.config.RouteAction.DirectResponse;
import io.handfast.proxy.config.RouteAction.Forward;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.RouteAction.Redirect;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.config.RouteAction.WeightedClusters;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.QueryParameterMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.StringMatch;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.transaction.v1.Propagation;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.xds.store.Compiled;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AcceptedConfigTest {

  @Test
  void shouldGiveEveryDefaultWhenLittleIsSaid() {
    // When
    ConfigSnapshot snapshot = accept(Bootstraps.BASE);

    // Then
    HttpConnectionManagerConfig http = http(snapshot);
    assertThat(snapshot.admin()).isEqualTo(AdminConfig.DEFAULTS);
    assertThat(snapshot.listeners())
        .containsExactly(
            new ListenerConfig(
                "in",
                new NetworkAddress("127.0.0.1", 8080),
                TrafficDirection.UNSPECIFIED,
                List.of(new FilterChainConfig("chain", http)),
                DrainType.DEFAULT,
                1 << 20));
    assertThat(http)
        .isEqualTo(HttpConnectionManagerConfig.of("in", http.routes(), http.httpFilters()));
    assertThat(http.routes().virtualHosts().getFirst().routes())
        .containsExactly(
            Route.of(RouteMatch.prefix("/"), new Forward("service", 0, ForwardOptions.DEFAULTS)));
    assertThat(snapshot.clusters())
        .containsExactly(
            ClusterConfig.of(
                "service", 0, DiscoveryType.STATIC, List.of(Endpoint.of("127.0.0.1", 80))));
  }

  @Test
  void shouldHonourEveryFieldOfAListenerAndItsConnectionManager() {
    // Given
    String yaml =
        Bootstraps.with(
            "HCM",
            """
            codec_type: HTTP1
            server_name: s
            max_request_headers_kb: 8
            common_http_protocol_options: { idle_timeout: 1s, max_headers_count: 7 }
            http_protocol_options: { allow_absolute_url: false, accept_http_10: true, default_host_for_http_10: h, enable_trailers: true }
            stream_idle_timeout: 2s
            request_timeout: 3s
            request_headers_timeout: 0s
            use_remote_address: true
            generate_request_id: false
            preserve_external_request_id: true
            normalize_path: true
            merge_slashes: true
            access_log:
            - { name: a, typed_config: { "@type": a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: /dev/stderr } }
            - { name: b, typed_config: { "@type": a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: /x, log_format: { text_format_source: { inline_string: "t" } } } }
            - { name: c, typed_config: { "@type": a/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog, log_format: { json_format: { n: 1, b: true, m: { t: x } } } } }
            - { name: d, typed_config: { "@type": a/envoy.extensions.access_loggers.stream.v3.StderrAccessLog, log_format: { text_format: u } } }
            """,
            "LISTENER",
            """
            traffic_direction: INBOUND
            drain_type: MODIFY_ONLY
            per_connection_buffer_limit_bytes: 9
            """);

    // When
    ConfigSnapshot snapshot = accept(yaml);

    // Then
    ListenerConfig listener = snapshot.listeners().getFirst();
    HttpConnectionManagerConfig http = http(snapshot);
    assertThat(listener)
        .isEqualTo(
            new ListenerConfig(
                "in",
                new NetworkAddress("127.0.0.1", 8080),
                TrafficDirection.INBOUND,
                listener.filterChains(),
                DrainType.MODIFY_ONLY,
                9));
    assertThat(http)
        .isEqualTo(
            new HttpConnectionManagerConfig(
                "in",
                CodecType.HTTP1,
                http.routes(),
                http.httpFilters(),
                new HttpTimeouts(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    Duration.ZERO,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5)),
                new HeaderLimits(8, 7),
                new Http1Options(false, true, "h", true),
                new Forwarding(true, 0, false, true),
                new PathOptions(true, true),
                "s",
                http.accessLogs()));
    assertThat(http.accessLogs())
        .containsExactly(
            new AccessLogConfig(
                new AccessLogConfig.Sink.Stderr(),
                new AccessLogConfig.Format.Text(AccessLogConfig.DEFAULT_FORMAT)),
            new AccessLogConfig(
                new AccessLogConfig.Sink.File("/x"), new AccessLogConfig.Format.Text("t")),
            new AccessLogConfig(
                new AccessLogConfig.Sink.Stdout(),
                new AccessLogConfig.Format.Json(
                    Map.of("n", 1.0, "b", true, "m", Map.of("t", "x")))),
            new AccessLogConfig(
                new AccessLogConfig.Sink.Stderr(), new AccessLogConfig.Format.Text("u")));
  }

  @Test
  void shouldHonourEveryFieldOfARouteMatch() {
    // Given
    String yaml =
        Bootstraps.with(
            "ROUTE",
            """
            - match:
                path: /a
                case_sensitive: false
                headers:
                - { name: ":method", string_match: { exact: GET } }
                - { name: A, exact_match: x, invert_match: true }
                - { name: b, prefix_match: x, treat_missing_header_as_empty: true }
                - { name: c, suffix_match: x }
                - { name: d, contains_match: x }
                - { name: e, safe_regex_match: { regex: x+ } }
                - { name: f, range_match: { start: 1, end: 5 } }
                - { name: g, present_match: false }
                - { name: h }
                - { name: i, string_match: { prefix: X, ignore_case: true } }
                query_parameters:
                - { name: q, string_match: { safe_regex: { google_re2: {}, regex: "[0-9]+" } } }
                - { name: r, present_match: true }
                - { name: s }
              direct_response: { status: 200 }
            - { match: { safe_regex: { regex: "/b.*" } }, direct_response: { status: 503, body: { inline_string: no } } }
            - { match: { path_separated_prefix: /c }, direct_response: { status: 200, body: { inline_bytes: aGk= } } }
            """);

    // When
    List<Route> routes = routes(accept(yaml, HCM_GOOGLE_RE2));

    // Then
    assertThat(routes.get(0).match())
        .isEqualTo(
            new RouteMatch(
                new PathMatch.Exact("/a"),
                false,
                List.of(
                    header(":method", matches(new StringMatch.Exact("GET", false))),
                    new HeaderMatch("a", matches(new StringMatch.Exact("x", false)), true, false),
                    new HeaderMatch("b", matches(new StringMatch.Prefix("x", false)), false, true),
                    header("c", matches(new StringMatch.Suffix("x", false))),
                    header("d", matches(new StringMatch.Contains("x", false))),
                    header("e", matches(new StringMatch.Regex(Pattern.compile("x+")))),
                    header("f", new ValueTest.Range(1, 5)),
                    header("g", new ValueTest.Present(false)),
                    header("h", new ValueTest.Present(true)),
                    header("i", matches(new StringMatch.Prefix("X", true)))),
                List.of(
                    new QueryParameterMatch(
                        "q", matches(new StringMatch.Regex(Pattern.compile("[0-9]+")))),
                    new QueryParameterMatch("r", new ValueTest.Present(true)),
                    new QueryParameterMatch("s", new ValueTest.Present(true)))));
    assertThat(routes.get(1))
        .isEqualTo(
            Route.of(
                new RouteMatch(
                    new PathMatch.Regex(Pattern.compile("/b.*")), true, List.of(), List.of()),
                new DirectResponse(503, "no")));
    assertThat(routes.get(2).match().path()).isEqualTo(new PathMatch.PathSeparatedPrefix("/c"));
    assertThat(routes.get(2).action()).isEqualTo(new DirectResponse(200, "hi"));
  }

  private static final String HCM_GOOGLE_RE2 =
      Bootstraps.ROUTE + ".match.query_parameters[0].string_match.safe_regex.google_re2";

  @Test
  void shouldHonourEveryFieldOfARouteAction() {
    // Given
    String yaml =
        Bootstraps.with(
            "ROUTE",
            """
            - match: { prefix: /a }
              name: n
              route:
                cluster: service
                timeout: 0s
                prefix_rewrite: /b
                host_rewrite_literal: h
                retry_policy: { retry_on: "connect-failure", num_retries: 3 }
              request_headers_to_add:
              - { header: { key: A, value: "1%%" } }
              - { header: { key: b, value: "2" }, append_action: ADD_IF_ABSENT }
              - { header: { key: c, value: "3" }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }
              - { header: { key: d, value: "4" }, append_action: OVERWRITE_IF_EXISTS }
              - { header: { key: e, value: "5" }, append: false }
              - { header: { key: f, value: "" } }
              - { header: { key: g, value: "" }, keep_empty_value: true }
              request_headers_to_remove: [X]
              response_headers_to_add: [{ header: { key: y, value: z } }]
              response_headers_to_remove: [w]
            - match: { prefix: /w }
              route: { weighted_clusters: { clusters: [{ name: service, weight: 1 }, { name: service, weight: 3 }] }, retry_policy: { retry_on: connect-failure } }
            - { match: { prefix: /r }, redirect: { https_redirect: true, host_redirect: h, port_redirect: 8443, path_redirect: /p, response_code: PERMANENT_REDIRECT, strip_query: true } }
            - { match: { prefix: /s }, redirect: { scheme_redirect: http, prefix_rewrite: /t } }
            """);

    // When
    List<Route> routes = routes(accept(yaml));

    // Then
    assertThat(routes.get(0).name()).isEqualTo("n");
    assertThat(routes.get(0).action())
        .isEqualTo(
            new Forward(
                "service",
                0,
                new ForwardOptions(
                    Duration.ZERO, Optional.empty(), "/b", "h", new RetryPolicy(true, 3))));
    assertThat(routes.get(0).headers())
        .isEqualTo(
            new HeaderMutations(
                List.of("x"),
                List.of(
                    new HeaderSet("a", "1%", IfPresent.APPEND),
                    new HeaderSet("b", "2", IfPresent.KEEP),
                    new HeaderSet("c", "3", IfPresent.OVERWRITE),
                    new HeaderSet("d", "4", IfPresent.OVERWRITE_ONLY),
                    new HeaderSet("e", "5", IfPresent.OVERWRITE),
                    new HeaderSet("g", "", IfPresent.APPEND)),
                List.of("w"),
                List.of(new HeaderSet("y", "z", IfPresent.APPEND))));
    assertThat(routes.get(1).action())
        .isInstanceOfSatisfying(
            WeightedClusters.class,
            weighted -> {
              assertThat(weighted.totalWeight()).isEqualTo(4);
              assertThat(weighted.options().retry()).isEqualTo(new RetryPolicy(true, 1));
            });
    assertThat(routes.get(2).action())
        .isEqualTo(new Redirect(308, "https", "h", 8443, new PathReplacement.Whole("/p"), true));
    assertThat(routes.get(3).action())
        .isEqualTo(
            new Redirect(301, "http", "", 0, new PathReplacement.MatchedPrefix("/t"), false));
  }

  @Test
  void shouldHonourEveryFieldOfACluster() {
    // Given
    String yaml =
        Bootstraps.with(
                "CLUSTER",
                """
                type: STRICT_DNS
                connect_timeout: 0.25s
                per_connection_buffer_limit_bytes: 1024
                dns_refresh_rate: 7s
                dns_lookup_family: V4_PREFERRED
                circuit_breakers: { thresholds: [{ max_connections: 1, max_pending_requests: 2, max_requests: 4294967295 }] }
                metadata: { filter_metadata: { handfast.transaction: { participant: true, trust: PLAINTEXT }, other: { x: 1 } } }
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    common_http_protocol_options: { idle_timeout: 9s, max_requests_per_connection: 5 }
                    explicit_http_config: { http_protocol_options: {} }
                """)
            .replace(
                "- lb_endpoints:",
                "- locality: { region: r, zone: z, sub_zone: s }\n        lb_endpoints:")
            .replace("address: 127.0.0.1, port_value: 80 }", "address: db.local, port_value: 80 }");

    // When
    ClusterConfig cluster =
        accept(yaml, Bootstraps.CLUSTER + ".load_assignment.endpoints[0].locality")
            .clusters()
            .getFirst();

    // Then
    ClusterPolicy policy =
        cluster.metadata().get("handfast.transaction", ClusterPolicy.class).orElseThrow();
    assertThat(policy.getParticipant()).isTrue();
    assertThat(cluster)
        .isEqualTo(
            new ClusterConfig(
                "service",
                0,
                DiscoveryType.STRICT_DNS,
                List.of(new LocalityEndpoints("r", "z", "s", List.of(Endpoint.of("db.local", 80)))),
                LbPolicy.ROUND_ROBIN,
                Duration.ofMillis(250),
                new CircuitBreakers(1, 2, Integer.MAX_VALUE),
                1024,
                new UpstreamHttpOptions(Duration.ofSeconds(9), 5, Http1Options.DEFAULTS),
                new DnsOptions(Duration.ofSeconds(7), DnsLookupFamily.V4_PREFERRED),
                new FilterMetadata(Map.of("handfast.transaction", policy))));
  }

  @Test
  void shouldHonourTheProcessAndListWhatOnlyObserves() {
    // Given
    String yaml =
        Bootstraps.with(
            "BOOTSTRAP",
            """
            node: { id: n, cluster: c, locality: { region: r, zone: z, sub_zone: s }, metadata: { a: 1 } }
            admin: { address: { socket_address: { address: 0.0.0.0, port_value: 9901 } }, access_log_path: /dev/null }
            stats_config: {}
            stats_flush_interval: 5s
            layered_runtime: { layers: [{ name: base, static_layer: { a: 1 } }, { name: admin, admin_layer: {} }] }
            cluster_manager: { local_cluster_name: c }
            """);

    // When
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(yaml);

    // Then
    assertThat(compiled.errors()).isEmpty();
    assertThat(compiled.snapshot().orElseThrow().node())
        .isEqualTo(new NodeConfig("n", "c", "r", "z", "s"));
    assertThat(compiled.snapshot().orElseThrow().admin())
        .isEqualTo(new AdminConfig(new NetworkAddress("0.0.0.0", 9901)));
    assertThat(compiled.observed())
        .containsExactly(
            "admin.access_log_path",
            "cluster_manager.local_cluster_name",
            "layered_runtime.layers[0].static_layer",
            "layered_runtime.layers[1].admin_layer",
            "node.locality",
            "node.metadata",
            "stats_config",
            "stats_flush_interval");
    assertThat(compiled.warnings())
        .containsExactly(
            "admin.address: 0.0.0.0:9901 can be reached from outside, and the administration server"
                + " asks nobody who he is (expected: a loopback address)");
  }

  @Test
  void shouldLetARouteNameAnUnknownClusterWhenTheTableSaysSo() {
    // When
    List<Route> routes =
        routes(
            accept(
                Bootstraps.with("TABLE", "validate_clusters: false")
                    .replace("route: { cluster: service }", "route: { cluster: other }")));

    // Then
    assertThat(routes.getFirst().action())
        .isEqualTo(new Forward("other", -1, ForwardOptions.DEFAULTS));
  }

  @Test
  void shouldGiveARouteTheHeadersOfTheLevelsAroundIt() {
    // Given
    String yaml =
        Bootstraps.with(
            "TABLE",
            "request_headers_to_add: [{ header: { key: a, value: table } }]",
            "HOST",
            """
            request_headers_to_add: [{ header: { key: a, value: host } }]
            request_headers_to_remove: [b]
            response_headers_to_remove: [c]
            """,
            "ROUTE",
            """
            - match: { prefix: /w }
              request_headers_to_add: [{ header: { key: a, value: route } }, { header: { key: b, value: gone } }]
              response_headers_to_add: [{ header: { key: d, value: route } }]
              route: { weighted_clusters: { clusters: [{ name: service, weight: 1 }] } }
            """);

    // When
    Route route = routes(accept(yaml)).getFirst();

    // Then
    HeaderMutations expected =
        new HeaderMutations(
            List.of("b"),
            List.of(
                new HeaderSet("a", "route", IfPresent.APPEND),
                new HeaderSet("a", "host", IfPresent.APPEND),
                new HeaderSet("a", "table", IfPresent.APPEND)),
            List.of("c"),
            List.of(new HeaderSet("d", "route", IfPresent.APPEND)));
    assertThat(route.headers()).isEqualTo(expected);
    assertThat(route.action())
        .isInstanceOfSatisfying(
            WeightedClusters.class,
            weighted -> assertThat(weighted.clusters().getFirst().headers()).isEqualTo(expected));
  }

  @Test
  void shouldTakeTheMostSpecificConfigurationOfAFilter() {
    // Given
    String yaml =
        Bootstraps.with(
            "FILTER",
            """
            - { name: tx, typed_config: { "@type": a/handfast.transaction.v1.Transaction } }
            - { name: off, disabled: true, typed_config: { "@type": a/handfast.transaction.v1.Transaction } }
            """,
            "HOST",
            "typed_per_filter_config: { tx: " + perRoute("SUPPORTS") + " }",
            "ROUTE",
            """
            - match: { prefix: /a }
              route: { cluster: service }
              typed_per_filter_config: { tx: %s, off: { "@type": a/envoy.config.route.v3.FilterConfig, config: %s } }
            - match: { prefix: /b }
              route: { cluster: service }
              typed_per_filter_config: { tx: { "@type": a/envoy.config.route.v3.FilterConfig, disabled: true }, off: { "@type": a/envoy.config.route.v3.FilterConfig } }
            - match: { prefix: /c }
              route:
                weighted_clusters:
                  clusters:
                  - { name: service, weight: 1, typed_per_filter_config: { tx: %s } }
                  - { name: service, weight: 1 }
            """
                .formatted(perRoute("MANDATORY"), perRoute("REQUIRED"), perRoute("REQUIRED")));

    // When
    List<Route> routes = routes(accept(yaml));

    // Then
    assertThat(propagation(routes.get(0).perFilterConfigs().get(0)))
        .isEqualTo(Propagation.MANDATORY);
    assertThat(propagation(routes.get(0).perFilterConfigs().get(1)))
        .isEqualTo(Propagation.REQUIRED);
    assertThat(routes.get(0).perFilterConfigs().isDisabled(1, true)).isFalse();
    assertThat(routes.get(1).perFilterConfigs().isDisabled(0, false)).isTrue();
    assertThat(routes.get(1).perFilterConfigs().isDisabled(1, true)).isFalse();
    assertThat(routes.get(2).action())
        .isInstanceOfSatisfying(
            WeightedClusters.class,
            weighted ->
                assertThat(weighted.clusters())
                    .extracting(cluster -> propagation(cluster.perFilterConfigs().get(0)))
                    .containsExactly(Propagation.REQUIRED, Propagation.SUPPORTS));
    assertThat(propagation(routes.get(3).perFilterConfigs().get(0)))
        .isEqualTo(Propagation.SUPPORTS);
    assertThat(routes.get(3).perFilterConfigs().get(1)).isNull();
    assertThat(routes.get(3).perFilterConfigs().isDisabled(1, true)).isTrue();
    assertThat(routes.get(3).perFilterConfigs().get(99)).isNull();
  }

  private static String perRoute(String propagation) {
    return "{ '@type': a/handfast.transaction.v1.TransactionPerRoute, propagation: %s }"
        .formatted(propagation);
  }

  private static Propagation propagation(@Nullable Object config) {
    return ((TransactionPerRoute) Objects.requireNonNull(config)).getPropagation();
  }

  private static HeaderMatch header(String name, ValueTest test) {
    return new HeaderMatch(name, test, false, false);
  }

  private static ValueTest matches(StringMatch match) {
    return new ValueTest.Matches(match);
  }

  private static ConfigSnapshot accept(String yaml, String... observed) {
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(yaml);
    assertThat(compiled.errors()).isEmpty();
    assertThat(compiled.observed()).containsExactly(observed);
    return compiled.snapshot().orElseThrow();
  }

  private static HttpConnectionManagerConfig http(ConfigSnapshot snapshot) {
    return (HttpConnectionManagerConfig)
        snapshot.listeners().getFirst().filterChains().getFirst().filter();
  }

  private static List<Route> routes(ConfigSnapshot snapshot) {
    return http(snapshot).routes().virtualHosts().getFirst().routes();
  }
}
