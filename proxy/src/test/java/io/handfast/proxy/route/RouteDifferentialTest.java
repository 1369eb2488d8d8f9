package io.handfast.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.server.Envoy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
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
    Map<String, Integer> ports = new HashMap<>();
    for (String listener : RouteCasesTest.LISTENERS) {
      ports.put(listener, Envoy.freePort());
    }
    ToIntFunction<String> port = name -> Objects.requireNonNull(ports.get(name), name);
    List<String> done = new ArrayList<>();

    // When
    try (RouteService one = new RouteService("one");
        RouteService two = new RouteService("two");
        Envoy _ =
            Envoy.start(
                RouteCasesTest.config(one, two, port), port.applyAsInt("table"), directory)) {
      for (RouteCase each : RouteCase.all()) {
        done.add(each.request() + "\n  " + each.send(port));
      }
    }

    // Then
    Files.write(Path.of("target", "routes.txt"), done);
    assertThat(done)
        .isEqualTo(
            RouteCase.all().stream().map(each -> each.request() + "\n  " + each.envoys()).toList());
  }
}
