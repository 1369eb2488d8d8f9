package io.handfast.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.explain.Explainer;
import io.handfast.proxy.explain.Explanation;
import io.handfast.proxy.explain.Explanation.Destination;
import io.handfast.proxy.explain.Question;
import io.handfast.proxy.server.ConfigView;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is explained of each request of {@code cases.txt} is what becomes of it at a sidecar ({@code
 * RouteCasesTest}) and at an Envoy ({@code RouteDifferentialTest}).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExplainCasesTest {
  private static final int MINIMUM_CASES = 370;
  private static final String REFUSED_BY_THE_SERVICE = "<h1>";
  private static final int FIRST_PORT = 21_000;
  private static final Pattern REQUEST = Pattern.compile("(?:\\[(\\w+)] )?(.*)");
  private static final Pattern HERE = Pattern.compile("answered here: (\\d+)(.*)");
  private static final Pattern REDIRECTED = Pattern.compile("redirected: (\\d+) to (.*)");
  private static final Pattern REFUSED = Pattern.compile("(\\d+) .*before a route is looked for");

  private final RouteService one = new RouteService("one");
  private final RouteService two = new RouteService("two");
  private final Explainer explainer;

  ExplainCasesTest() throws Exception {
    explainer =
        ConfigView.of(
            BootstrapSource.ofYaml(RouteCasesTest.config(one, two, ExplainCasesTest::port)));
  }

  @AfterAll
  void close() {
    one.close();
    two.close();
  }

  private static int port(String listener) {
    return FIRST_PORT + RouteCasesTest.LISTENERS.indexOf(listener);
  }

  /** Whether a tunnel may be opened is said by no route; a fragment is refused by the codec. */
  static Stream<RouteCase> cases() {
    return RouteCase.all().stream()
        .filter(each ->
            !each.request().contains("CONNECT ")
                && !each.request().contains("upgrade: ")
                && !each.request().contains("#"));
  }

  @Test
  void shouldHoldEnoughCases() {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(MINIMUM_CASES);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldExplainWhatBecomesOfTheRequest(RouteCase each) {
    // Given
    Matcher split = REQUEST.matcher(each.request());
    assertThat(split.matches()).isTrue();
    String listener = split.group(1) == null ? "plain" : split.group(1);
    int port = port(listener);

    // When
    Explanation explanation =
        explainer.explain(
            question(split.group(2).replace("${port}", Integer.toString(port)), listener));

    // Then
    String outcome = each.outcome().replace("${port}", Integer.toString(port));
    assertThat(explanation.matched() || !explanation.route().chosen().isEmpty())
        .isEqualTo(explanation.matched());
    if (!explanation.matched()) {
      Matcher refused = REFUSED.matcher(explanation.outcome());
      assertThat(outcome).startsWith(refused.matches() ? refused.group(1) : "404");
      assertThat(outcome).doesNotContain(" one ", " two ");
      return;
    }
    Matcher here = HERE.matcher(explanation.outcome());
    Matcher redirected = REDIRECTED.matcher(explanation.outcome());
    if (here.matches()) {
      boolean missing = here.group(2).contains("no such cluster");
      assertThat(outcome).startsWith(grpc(each) ? "200" : here.group(1));
      if (!missing && !grpc(each) && !each.request().startsWith("HEAD ")) {
        assertThat(outcome).startsWith(here.group(1) + here.group(2));
      }
    } else if (redirected.matches()) {
      assertThat(outcome).startsWith(redirected.group(1) + " -> " + redirected.group(2));
    } else if (explanation.clusters().stream().allMatch(it -> it.endpoints().isEmpty())) {
      assertThat(outcome).startsWith("503");
    } else {
      assertThat(explanation.clusters().stream().map(Destination::cluster))
          .anyMatch(name ->
              outcome.startsWith("200 " + name + " ") || outcome.contains(REFUSED_BY_THE_SERVICE));
    }
    assertThat(explanation.route().passedOver())
        .allMatch(passed -> passed.why().contains("(expected: "));
  }

  private static boolean grpc(RouteCase each) {
    return each.outcome().contains("grpc-status");
  }

  private static Question question(String text, String listener) {
    List<String> parts = Arrays.asList(text.split(" \\| ", -1));
    String[] line = parts.getFirst().split(" ", 3);
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (String field : parts.subList(1, parts.size())) {
      String[] pair = field.split(": ?", 2);
      headers.add(Map.entry(pair[0].toLowerCase(Locale.ROOT), pair[1].strip()));
    }
    return new Question(
        line[0],
        line[1],
        line[2],
        headers,
        Optional.of(listener),
        OptionalInt.of(port(listener)),
        false,
        "",
        List.of(),
        InetAddress.getLoopbackAddress());
  }
}
