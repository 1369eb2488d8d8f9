package io.handfast.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import java.io.IOException;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of requests by the routes of {@code routes.yaml}. The outcomes in {@code cases.txt}
 * are an Envoy's: {@code RouteDifferentialTest} asks one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RouteCasesTest {
  static final List<String> LISTENERS = List.of("plain", "any", "matching", "dot", "table");
  private static final int MINIMUM_CASES = 380;

  private final RouteService one = new RouteService("one");
  private final RouteService two = new RouteService("two");
  private final Sidecar sidecar;

  RouteCasesTest() throws Exception {
    sidecar = Sidecars.start(config(one, two, _ -> 0));
  }

  @AfterAll
  void close() {
    sidecar.close();
    one.close();
    two.close();
  }

  /**
   * The configuration.
   *
   * @param ports of its listeners
   */
  static String config(RouteService one, RouteService two, ToIntFunction<String> ports) {
    String yaml =
        RouteCase.resource("routes.yaml")
            .replace("${one}", Integer.toString(one.port()))
            .replace("${two}", Integer.toString(two.port()));
    for (String listener : LISTENERS) {
      yaml = yaml.replace("${" + listener + "}", Integer.toString(ports.applyAsInt(listener)));
    }
    return yaml;
  }

  static Stream<RouteCase> cases() {
    return RouteCase.all().stream();
  }

  @Test
  void shouldHoldEnoughCases() {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(MINIMUM_CASES);
    assertThat(cases().map(RouteCase::request)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldDoWithARequestWhatItsRouteSays(RouteCase each) throws IOException {
    assertThat(each.send(name -> sidecar.listenerAddress(name).orElseThrow().getPort()))
        .isEqualTo(each.outcome());
  }
}
