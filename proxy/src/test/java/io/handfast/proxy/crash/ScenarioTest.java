package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScenarioTest {
  /** The engine's moments around a force are all there for the tests, and for the long run. */
  @Test
  void shouldKnowEveryForcePointOfTheEngine() throws ClassNotFoundException {
    // Given
    Class<?> points = Class.forName(Scenario.BEFORE_DECISION.type());

    // When
    List<String> known =
        Scenario.POINTS.stream()
            .filter(point -> point.type().equals(points.getName()))
            .map(CrashPoint::method)
            .toList();

    // Then
    assertThat(known)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(points.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .map(Method::getName)
                .toList());
  }
}
