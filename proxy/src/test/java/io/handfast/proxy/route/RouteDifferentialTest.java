package io.handfast.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.server.Envoy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An Envoy with the same routes does with the same requests what {@code cases.txt} says. What it
 * did is in {@code target/routes.txt}, in the form of that file.
 */
@Tag("full")
final class RouteDifferentialTest {
  @TempDir Path directory;

  @Test
  void shouldExpectWhatAnEnvoyDoes() throws Exception {
    // Given
    int port = Envoy.freePort();
    List<String> done = new ArrayList<>();

    // When
    try (RouteService one = new RouteService("one");
        RouteService two = new RouteService("two");
        Envoy envoy = Envoy.start(RouteCasesTest.config(one, two, port), port, directory)) {
      for (RouteCase each : RouteCase.all()) {
        done.add(each.request() + "\n  " + each.send(envoy.port()));
      }
    }

    // Then
    Files.write(Path.of("target", "routes.txt"), done);
    assertThat(done)
        .isEqualTo(
            RouteCase.all().stream().map(each -> each.request() + "\n  " + each.envoys()).toList());
  }
}
