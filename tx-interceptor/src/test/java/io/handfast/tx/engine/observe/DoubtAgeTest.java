package io.handfast.tx.engine.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

/** The oldest of those in doubt, whatever the order in which they get there. */
class DoubtAgeTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final EngineMeters meters = new EngineMeters(registry, () -> 10_000);

  private double oldest() {
    return registry.get("handfast.tx.in.doubt.oldest").gauge().value();
  }

  @Test
  void shouldShowTheAgeOfTheOldestAndNotOfTheFirst() {
    // When
    meters.inDoubt("first", 9_000);
    meters.inDoubt("oldest", 4_000);
    meters.inDoubt("as old", 4_000);
    meters.inDoubt("oldest", 1_000);

    // Then
    assertThat(oldest()).isEqualTo(6);
    meters.outOfDoubt("oldest");
    meters.outOfDoubt("a stranger");
    assertThat(oldest()).isEqualTo(6);
    meters.outOfDoubt("as old");
    assertThat(oldest()).isEqualTo(1);
    meters.outOfDoubt("first");
    assertThat(oldest()).isZero();
    assertThat(meters.inDoubt()).isZero();
  }
}
