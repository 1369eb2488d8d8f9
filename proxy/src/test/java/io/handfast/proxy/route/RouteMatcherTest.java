package io.handfast.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction.DirectResponse;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.QueryParameterMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.http.RequestHead;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RouteMatcherTest {
  private record Match(VirtualHost virtualHost, Route route) {}

  @ParameterizedTest
  @CsvSource({
    "example.com,exact",
    "EXAMPLE.com,exact",
    "example.com:8080,prefix",
    "ported.com:81,ported",
    "ported.com,any",
    "a.example.com,suffix",
    "a.long.example.com,longSuffix",
    ".example.com,any",
    "example.org,prefix",
    "example.,any",
    "[::1],v6",
    "[::1]:80,any",
    "other,any",
    "'',any",
  })
  void shouldFindTheMostSpecificDomainWhenSeveralCover(String authority, String expected) {
    RouteMatcher<Match> matcher =
        matcher(
            host("exact", "example.com"),
            host("ported", "ported.com:81"),
            host("suffix", "*.example.com"),
            host("longSuffix", "*.long.example.com"),
            host("prefix", "example.*"),
            host("v6", "[::1]"),
            host("any", "*"));

    Match match = matcher.match(RequestHead.of("GET", authority, "/"), RouteMatcherTest::noDraw);

    assertThat(match).isNotNull();
    assertThat(match.virtualHost().name()).isEqualTo(expected);
  }

  @Test
  void shouldFindNothingWhenNoDomainOrRouteCovers() {
    RouteMatcher<Match> matcher = matcher(host("only", "example.com", prefix("p", "/a")));
    assertThat(matcher.match(RequestHead.of("GET", "other.com", "/a"), RouteMatcherTest::noDraw))
        .isNull();
    assertThat(matcher.match(RequestHead.of("GET", "example.com", "/b"), RouteMatcherTest::noDraw))
        .isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "/exact,exact",
    "/exact?q=1,exact",
    "/exact/,prefix",
    "/sep,separated",
    "/sep/,separated",
    "/sep/x,separated",
    "/separate,prefix",
    "/UPPER/x,caseless",
    "/r/12,regex",
    "/r/12x,prefix",
  })
  void shouldTakeTheFirstRouteWhenItsPathMatches(String path, String expected) {
    RouteMatcher<Match> matcher =
        matcher(
            host(
                "h",
                "*",
                route(
                    "exact",
                    new RouteMatch(new PathMatch.Exact("/exact"), true, List.of(), List.of())),
                route(
                    "separated",
                    new RouteMatch(
                        new PathMatch.PathSeparatedPrefix("/sep"), true, List.of(), List.of())),
                route(
                    "caseless",
                    new RouteMatch(new PathMatch.Prefix("/upper/"), false, List.of(), List.of())),
                route(
                    "regex",
                    new RouteMatch(
                        new PathMatch.Regex(Pattern.compile("/r/[0-9]+")),
                        true,
                        List.of(),
                        List.of())),
                prefix("prefix", "/")));
    assertThat(name(matcher, RequestHead.of("GET", "a", path))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "x-a,v,false,false,v,true",
    "x-a,v,false,false,w,false",
    "x-a,v,true,false,w,true",
    "x-a,v,true,false,,false",
    "x-a,v,true,true,,true",
    "x-a,'',false,true,,true",
    ":method,GET,false,false,,true",
    ":method,POST,false,false,,false",
    ":authority,a,false,false,,true",
  })
  void shouldTestHeadersWhenTheRouteAsks(
      String name,
      String wanted,
      boolean invert,
      boolean emptyIfMissing,
      String sent,
      boolean hit) {
    HeaderMatch header =
        new HeaderMatch(
            name,
            new ValueTest.Matches(new StringMatch.Exact(wanted, false)),
            invert,
            emptyIfMissing);
    RouteMatch match = new RouteMatch(new PathMatch.Prefix("/"), true, List.of(header), List.of());
    RequestHead head = RequestHead.of("GET", "a", "/");
    if (sent != null) {
      head.headers().add("X-A", sent);
    }
    assertThat(
            matcher(host("h", "*", route("r", match))).match(head, RouteMatcherTest::noDraw)
                != null)
        .isEqualTo(hit);
  }

  @ParameterizedTest
  @CsvSource({
    "/?n=5,true",
    "/?n=10,false",
    "/?n=x,false",
    "/?m=1&n=7,true",
    "/?nn=5,false",
    "/,false",
    "/?n,false",
    "/?n=5&n=99,true",
  })
  void shouldTestQueryParametersWhenTheRouteAsks(String path, boolean hit) {
    QueryParameterMatch parameter = new QueryParameterMatch("n", new ValueTest.Range(0, 10));
    RouteMatch match =
        new RouteMatch(new PathMatch.Prefix("/"), true, List.of(), List.of(parameter));
    assertThat(
            matcher(host("h", "*", route("r", match)))
                    .match(RequestHead.of("GET", "a", path), RouteMatcherTest::noDraw)
                != null)
        .isEqualTo(hit);
  }

  @ParameterizedTest
  @CsvSource({"a&b", "b&", "a&"})
  void shouldNotFindAParameterWhoseNameIsMoreThanOne(String name) {
    // Given
    QueryParameterMatch parameter = new QueryParameterMatch(name, new ValueTest.Present(true));
    RouteMatch match =
        new RouteMatch(new PathMatch.Prefix("/"), true, List.of(), List.of(parameter));

    // Then
    assertThat(
            matcher(host("h", "*", route("r", match)))
                .match(RequestHead.of("GET", "a", "/?a&b=1"), RouteMatcherTest::noDraw))
        .isNull();
  }

  @Test
  void shouldTestPresenceWhenTheRouteAsks() {
    HeaderMatch absent = new HeaderMatch("x-a", new ValueTest.Present(false), false, false);
    QueryParameterMatch present = new QueryParameterMatch("q", new ValueTest.Present(true));
    RouteMatcher<Match> matcher =
        matcher(
            host(
                "h",
                "*",
                route(
                    "r",
                    new RouteMatch(
                        new PathMatch.Prefix("/"), true, List.of(absent), List.of(present)))));
    RequestHead with = RequestHead.of("GET", "a", "/?q");
    assertThat(matcher.match(with, RouteMatcherTest::noDraw)).isNotNull();
    with.headers().add("x-a", "");
    assertThat(matcher.match(with, RouteMatcherTest::noDraw)).isNull();
    assertThat(matcher.match(RequestHead.of("GET", "a", "/?p"), RouteMatcherTest::noDraw)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc,true",
    "application/grpc+proto,true",
    "application/grpc-web,false",
    "application/json,false",
    ",false",
  })
  void shouldTakeOnlyGrpcWhenTheRouteAsks(String contentType, boolean hit) {
    // Given
    RouteMatch grpc =
        new RouteMatch(
            new PathMatch.Prefix("/"), true, List.of(), List.of(), true, Optional.empty());
    RequestHead head = RequestHead.of("POST", "a", "/x.Y/Z");
    if (contentType != null) {
      head.headers().add("content-type", contentType);
    }

    // Then
    assertThat(
            matcher(host("h", "*", route("r", grpc))).match(head, RouteMatcherTest::noDraw) != null)
        .isEqualTo(hit);
  }

  @ParameterizedTest
  @CsvSource({
    "0,a",
    "9,a",
    "10,b",
    "29,b",
    "30,rest",
    "99,rest",
    "100,a",
    "999930,rest",
  })
  void shouldTakeAPartOfTheRequestsByOneDrawForAllRoutes(long drawn, String expected) {
    // Given
    RouteMatcher<Match> matcher =
        matcher(host("h", "*", fraction("a", 10), fraction("b", 30), prefix("rest", "/")));

    // When
    Match match =
        matcher.match(
            RequestHead.of("GET", "a", "/"),
            bound -> {
              assertThat(bound).isEqualTo(1_000_000);
              return drawn;
            });

    // Then
    assertThat(match).isNotNull();
    assertThat(match.route().name()).isEqualTo(expected);
  }

  private static long noDraw(long bound) {
    throw new AssertionError("drawn without need, up to " + bound);
  }

  private static Route fraction(String name, int percent) {
    return route(
        name,
        new RouteMatch(
            new PathMatch.Prefix("/"),
            true,
            List.of(),
            List.of(),
            false,
            Optional.of(new RouteMatch.Fraction(percent, 100))));
  }

  private static String name(RouteMatcher<Match> matcher, RequestHead head) {
    Match match = matcher.match(head, RouteMatcherTest::noDraw);
    return match == null ? "none" : match.route().name();
  }

  private static RouteMatcher<Match> matcher(VirtualHost... hosts) {
    return RouteMatcher.compile(new RouteTable(List.of(hosts)), Match::new);
  }

  private static VirtualHost host(String name, String domain, Route... routes) {
    List<Route> all = routes.length == 0 ? List.of(prefix("p", "/")) : Arrays.asList(routes);
    return new VirtualHost(name, List.of(domain), all);
  }

  private static Route prefix(String name, String prefix) {
    return route(name, RouteMatch.prefix(prefix));
  }

  private static Route route(String name, RouteMatch match) {
    return new Route(
        name, match, new DirectResponse(200, ""), HeaderMutations.NONE, PerFilterConfigs.NONE);
  }
}
