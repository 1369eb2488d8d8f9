package io.handfast.xds.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ReconnectTest {

  private static final Backoff.Policy STEADY =
      new Backoff.Policy(Duration.ofSeconds(1), Duration.ofMinutes(2), 1.6, 0);

  @Test
  void shouldGrowFromOneSecondTo120C1() {
    // Given
    Reconnect reconnect = new Reconnect(STEADY, new Random(1));

    // When, Then
    assertThat(reconnect.delay(false, Duration.ZERO)).isEqualTo(Duration.ofSeconds(1));
    assertThat(reconnect.delay(false, Duration.ZERO)).isEqualTo(Duration.ofMillis(1600));
    assertThat(reconnect.delay(false, Duration.ZERO)).isEqualTo(Duration.ofMillis(2560));
    for (int i = 0; i < 10; i++) {
      reconnect.delay(false, Duration.ZERO);
    }
    assertThat(reconnect.delay(false, Duration.ZERO)).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void shouldVaryByAFifthC1() {
    // Given
    Backoff backoff = new Backoff(Backoff.Policy.GRPC, new Random(7));

    // When, Then
    long last = 0;
    for (int i = 0; i < 1000; i++) {
      backoff.reset();
      long millis = backoff.next().toMillis();
      assertThat(millis).isBetween(800L, 1200L);
      last = Math.max(last, millis);
    }
    assertThat(last).isGreaterThan(1150);
  }

  @Test
  void shouldRetryAtOnceLessTheTimePassedWhenTheStreamWasGoodC1() {
    // Given
    Reconnect reconnect = new Reconnect(STEADY, new Random(1));
    reconnect.delay(false, Duration.ZERO);
    reconnect.delay(false, Duration.ZERO);

    // When, Then
    assertThat(reconnect.delay(true, Duration.ofMillis(300))).isEqualTo(Duration.ofMillis(700));
    assertThat(reconnect.delay(true, Duration.ofHours(1))).isZero();
    assertThat(reconnect.delay(false, Duration.ofHours(1))).isEqualTo(Duration.ofMillis(1600));
  }

  @Test
  void shouldRefuseAPolicyThatIsNone() {
    assertThatThrownBy(() -> new Backoff.Policy(Duration.ZERO, Duration.ofSeconds(1), 2, 0))
        .hasMessage("initial: PT0S (expected: > 0 and <= PT1S)");
    assertThatThrownBy(
            () -> new Backoff.Policy(Duration.ofSeconds(1), Duration.ofSeconds(1), 0.5, 0))
        .hasMessage("multiplier: 0.5 (expected: >= 1)");
    assertThatThrownBy(() -> new Backoff.Policy(Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 1))
        .hasMessage("jitter: 1.0 (expected: in [0, 1))");
  }
}
