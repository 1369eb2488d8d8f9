package io.handfast.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.logging.LogSetup;
import io.handfast.proxy.server.Ambient;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.SidecarOptions;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private static final int MINIMUM_CASES = 330;

  private final RouteService one = new RouteService("one");
  private final RouteService two = new RouteService("two");
  private final Sidecar sidecar;

  RouteCasesTest() throws Exception {
    sidecar =
        Sidecar.start(
            new SidecarOptions(
                BootstrapSource.ofYaml(config(one, two, 0)),
                1,
                Duration.ofSeconds(1),
                Optional.empty(),
                "routes",
                List.of()),
            Ambient.system(),
            new LogSetup(),
            () -> {});
  }

  @AfterAll
  void close() {
    sidecar.close();
    one.close();
    two.close();
  }

  static String config(RouteService one, RouteService two, int port) {
    String yaml = RouteCase.resource("routes.yaml");
    Map<String, Integer> ports = Map.of("one", one.port(), "two", two.port(), "plain", port);
    for (Map.Entry<String, Integer> entry : ports.entrySet()) {
      yaml = yaml.replace("${" + entry.getKey() + "}", entry.getValue().toString());
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
    assertThat(each.send(sidecar.listenerAddress("plain").orElseThrow().getPort()))
        .isEqualTo(each.outcome());
  }
}
