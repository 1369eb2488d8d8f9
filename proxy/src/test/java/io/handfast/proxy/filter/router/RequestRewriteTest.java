package io.handfast.proxy.filter.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.RegexRewrite;
import io.handfast.proxy.config.RouteAction.DirectResponse;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.HostRewrite;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.config.RouteAction.Upgrades;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.StreamDeadline;
import io.handfast.proxy.http.RequestHead;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestRewriteTest {
  private static final RegexRewrite SWAP =
      new RegexRewrite(Pattern.compile("^/([^/]+)/([^/]+)"), "/\\2/\\1");

  @Test
  void shouldRewriteThePathByRegexAndKeepItsQuery() {
    // When
    RequestHead head =
        rewritten(new PathReplacement.Regex(SWAP), new HostRewrite.Keep(), "/a/b/c?d=/e/f");

    // Then
    assertThat(head.path()).isEqualTo("/b/a/c?d=/e/f");
    assertThat(head.headers().get("x-envoy-original-path")).isEqualTo("/a/b/c?d=/e/f");
    assertThat(head.authority()).isEqualTo("shop");
    assertThat(head.headers().contains("x-forwarded-host")).isFalse();
  }

  @Test
  void shouldTakeTheHostOutOfThePath() {
    // When
    RequestHead head =
        rewritten(
            new PathReplacement.Keep(),
            new HostRewrite.FromPath(
                new RegexRewrite(Pattern.compile("^/([^/]+).*$"), "\\1.local")),
            "/a/b?c");

    // Then
    assertThat(head.authority()).isEqualTo("a.local");
    assertThat(head.path()).isEqualTo("/a/b?c");
    assertThat(head.headers().contains("x-envoy-original-path")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    ",shop",
    "first,'first,shop'",
    "'first, shop','first, shop'",
    "'shop,other','shop,other,shop'",
  })
  void shouldAppendTheHostToThoseForwardedUnlessItIsTheLast(String before, String after) {
    // Given
    RequestHead head = RequestHead.of("GET", "shop", "/");
    if (before != null) {
      head.headers().add("x-forwarded-host", before);
    }
    head.headers().add("x-host", "other");

    // When
    apply(head, new PathReplacement.Keep(), new HostRewrite.FromHeader("x-host"));

    // Then
    assertThat(head.authority()).isEqualTo("other");
    assertThat(head.headers().getAll("x-forwarded-host")).containsExactly(after);
  }

  @Test
  void shouldLetTheHostStayWhenTheHeaderIsNotThere() {
    // Given
    RequestHead head = RequestHead.of("GET", "shop", "/");

    // When
    apply(head, new PathReplacement.Keep(), new HostRewrite.FromHeader("x-host"));

    // Then
    assertThat(head.authority()).isEqualTo("shop");
    assertThat(head.headers().contains("x-forwarded-host")).isFalse();
  }

  private static RequestHead rewritten(PathReplacement path, HostRewrite host, String target) {
    RequestHead head = RequestHead.of("GET", "shop", target);
    apply(head, path, host);
    return head;
  }

  private static void apply(RequestHead head, PathReplacement path, HostRewrite host) {
    ForwardOptions options =
        new ForwardOptions(
            Duration.ZERO,
            Optional.empty(),
            path,
            host,
            true,
            RetryPolicy.NONE,
            503,
            Upgrades.NONE,
            new StreamDeadline.AsAsked(),
            RoutingPriority.DEFAULT);
    Route route = Route.of(RouteMatch.prefix("/"), new DirectResponse(200, ""));
    RequestRewrite.apply(head, route, options);
  }
}
