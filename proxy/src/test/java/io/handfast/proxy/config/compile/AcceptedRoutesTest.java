package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.HeaderMutations.IfPresent;
import io.handfast.proxy.config.RegexRewrite;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.ClusterHeader;
import io.handfast.proxy.config.RouteAction.DirectResponse;
import io.handfast.proxy.config.RouteAction.Forward;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.HostRewrite;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.RouteAction.Redirect;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.config.RouteAction.Upgrades;
import io.handfast.proxy.config.RouteAction.WeightedClusters;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.Fraction;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.QueryParameterMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.StreamDeadline;
import io.handfast.proxy.config.match.StringMatch;
import io.handfast.transaction.v1.Propagation;
import io.handfast.transaction.v1.TransactionPerRoute;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Routes of a configuration that is accepted, as records. */
final class AcceptedRoutesTest {

  private static final String HCM_GOOGLE_RE2 =
      Bootstraps.ROUTE + ".match.query_parameters[0].string_match.safe_regex.google_re2";

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
    List<Route> routes = routes(Bootstraps.accept(yaml, HCM_GOOGLE_RE2));

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
                idle_timeout: 6s
                prefix_rewrite: /b
                host_rewrite_literal: h
                append_x_forwarded_host: true
                priority: HIGH
                cluster_not_found_response_code: NOT_FOUND
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
    List<Route> routes = routes(Bootstraps.accept(yaml));

    // Then
    assertThat(routes.get(0).name()).isEqualTo("n");
    assertThat(routes.get(0).action())
        .isEqualTo(
            new Forward(
                "service",
                new ForwardOptions(
                    Duration.ZERO,
                    Optional.of(Duration.ofSeconds(6)),
                    new PathReplacement.MatchedPrefix("/b"),
                    new HostRewrite.Literal("h"),
                    true,
                    new RetryPolicy(true, 3),
                    404,
                    Upgrades.NONE,
                    new StreamDeadline.AsAsked(),
                    RoutingPriority.HIGH)));
    assertThat(routes.get(0).headers())
        .isEqualTo(
            new HeaderMutations(
                List.of("x"),
                List.of(
                    new HeaderSet("a", "1%%", IfPresent.APPEND),
                    new HeaderSet("b", "2", IfPresent.KEEP),
                    new HeaderSet("c", "3", IfPresent.OVERWRITE),
                    new HeaderSet("d", "4", IfPresent.OVERWRITE_ONLY),
                    new HeaderSet("e", "5", IfPresent.OVERWRITE),
                    new HeaderSet("g", "", IfPresent.APPEND, true)),
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
  void shouldHonourTheLimitsOfAStream() {
    // Given
    String yaml =
        Bootstraps.with(
            "ROUTE",
            """
            - match: { prefix: /a }
              route: { cluster: service, max_stream_duration: { max_stream_duration: 1s, grpc_timeout_header_max: 2s, grpc_timeout_header_offset: 0.5s }, max_grpc_timeout: 9s }
            - match: { prefix: /b }
              route: { cluster: service, max_stream_duration: {} }
            - match: { prefix: /c }
              route: { cluster: service, max_grpc_timeout: 3s, grpc_timeout_offset: 0.1s }
            """);

    // When
    List<Route> routes = routes(Bootstraps.accept(yaml));

    // Then
    assertThat(routes)
        .extracting(route -> ((RouteAction.Upstream) route.action()).options().deadline())
        .containsExactly(
            new StreamDeadline.MaxStreamDuration(
                Optional.of(Duration.ofSeconds(1)),
                Optional.of(Duration.ofSeconds(2)),
                Duration.ofMillis(500)),
            new StreamDeadline.MaxStreamDuration(Optional.empty(), Optional.empty(), Duration.ZERO),
            new StreamDeadline.MaxGrpcTimeout(Duration.ofSeconds(3), Duration.ofMillis(100)),
            new StreamDeadline.AsAsked());
  }

  @Test
  void shouldHonourRewritesByRegexAndHeader() {
    // Given
    String yaml =
        Bootstraps.with(
            "ROUTE",
            """
            - match: { prefix: /a, grpc: {}, runtime_fraction: { default_value: { numerator: 5, denominator: TEN_THOUSAND } } }
              route:
                cluster_header: X-Cluster
                regex_rewrite: { pattern: { regex: "/v([0-9])" }, substitution: '/api/\\1' }
                host_rewrite_header: Host
            - match: { prefix: /b }
              route: { cluster_header: ":authority", host_rewrite_path_regex: { pattern: { regex: "/(.*)" }, substitution: '\\1.local' } }
            - { match: { prefix: /c }, redirect: { regex_rewrite: { pattern: { regex: c }, substitution: d } } }
            """);

    // When
    List<Route> routes = routes(Bootstraps.accept(yaml));

    // Then
    assertThat(routes.get(0).match())
        .isEqualTo(
            new RouteMatch(
                new PathMatch.Prefix("/a"),
                true,
                List.of(),
                List.of(),
                true,
                Optional.of(new Fraction(5, 10_000))));
    assertThat(routes.get(0).action())
        .isEqualTo(
            new ClusterHeader(
                "x-cluster",
                new ForwardOptions(
                    ForwardOptions.DEFAULTS.timeout(),
                    Optional.empty(),
                    new PathReplacement.Regex(rewrite("/v([0-9])", "/api/\\1")),
                    new HostRewrite.FromHeader(":authority"),
                    false,
                    RetryPolicy.NONE,
                    503,
                    Upgrades.NONE,
                    new StreamDeadline.AsAsked(),
                    RoutingPriority.DEFAULT)));
    assertThat(routes.get(1).action())
        .isInstanceOfSatisfying(
            ClusterHeader.class,
            action -> {
              assertThat(action.header()).isEqualTo(":authority");
              assertThat(action.options().host())
                  .isEqualTo(new HostRewrite.FromPath(rewrite("/(.*)", "\\1.local")));
            });
    assertThat(routes.get(2).action())
        .isEqualTo(
            new Redirect(301, "", "", 0, new PathReplacement.Regex(rewrite("c", "d")), false));
  }

  private static RegexRewrite rewrite(String regex, String substitution) {
    return new RegexRewrite(Pattern.compile(regex), substitution);
  }

  @Test
  void shouldLetARouteNameAnUnknownClusterWhenTheTableSaysSo() {
    // When
    List<Route> routes =
        routes(
            Bootstraps.accept(
                Bootstraps.with("TABLE", "validate_clusters: false")
                    .replace("route: { cluster: service }", "route: { cluster: other }")));

    // Then
    assertThat(routes.getFirst().action()).isEqualTo(new Forward("other", ForwardOptions.DEFAULTS));
  }

  @Test
  void shouldTakeABodyAsLargeAsTheTableAllows() {
    // Given
    String yaml =
        Bootstraps.with(
            "TABLE",
            "max_direct_response_body_size_bytes: 5000",
            "ROUTE",
            "- { match: { prefix: /a }, direct_response: { status: 200, body: { inline_string: '"
                + "x".repeat(5000)
                + "' } } }");

    // Then
    assertThat(routes(Bootstraps.accept(yaml)).getFirst().action())
        .isEqualTo(new DirectResponse(200, "x".repeat(5000)));
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
              route: { weighted_clusters: { clusters: [{ name: service, weight: 1 }, { name: service, weight: 1, request_headers_to_add: [{ header: { key: a, value: cluster } }] }] } }
            """);

    // When
    Route route = routes(Bootstraps.accept(yaml)).getFirst();

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
            weighted -> {
              assertThat(weighted.clusters().getFirst().headers()).isEqualTo(expected);
              assertThat(weighted.clusters().getLast().headers().requestSet())
                  .extracting(HeaderSet::value)
                  .containsExactly("cluster", "route", "host", "table");
            });
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
    List<Route> routes = routes(Bootstraps.accept(yaml));

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

  private static List<Route> routes(ConfigSnapshot snapshot) {
    return Bootstraps.http(snapshot).routes().virtualHosts().getFirst().routes();
  }
}
