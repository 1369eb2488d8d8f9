package io.handfast.proxy.filter.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryBackOffTest {

  @ParameterizedTest
  @CsvSource({"0, 25", "1, 50", "2, 100", "3, 200", "4, 250", "5, 250", "1000000, 250"})
  void shouldDrawBelowTheDoubledBoundWhenItRetriesAgain(int retriesBefore, long boundMs) {
    // Given
    RetryBackOff least = new RetryBackOff(bound -> 0);
    RetryBackOff most = new RetryBackOff(bound -> bound - 1);

    // When / Then
    assertThat(least.next(retriesBefore)).isZero();
    assertThat(most.next(retriesBefore)).isEqualTo(Duration.ofMillis(boundMs - 1));
  }
}
