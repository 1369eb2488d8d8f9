package io.handfast.tx.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class JournalOptionsTest {

  private static final JournalOptions DEFAULTS = JournalOptions.of(Path.of("journal"));

  @Test
  void shouldHaveTheseDefaults() {
    assertThat(DEFAULTS)
        .isEqualTo(
            new JournalOptions(
                Path.of("journal"),
                "",
                16_777_216,
                1_048_576,
                536_870_912,
                33_554_432,
                16_777_216,
                8192,
                33_554_432,
                Duration.ofMillis(10)));
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        invalid(options -> options.withSegmentBytes(4095), "segmentBytes: 4095 (expected: 4096"),
        invalid(
            options -> options.withPreallocatedBytes(1 << 21),
            "preallocatedBytes: 2097152 (expected: 0 to 1048576)"),
        invalid(options -> options.withSpace(1000, 0), "maxBytes: 1000 (expected: at least two"),
        invalid(options -> options.withSpace(1 << 30, -1), "reserveBytes: -1 (expected: 0 or"),
        invalid(options -> options.withCheckpointBytes(0), "checkpointBytes: 0 (expected: more"),
        invalid(options -> options.withQueue(3, 1 << 20), "maxQueuedRecords: 3 (expected: a power"),
        invalid(options -> options.withQueue(4, 1), "maxQueuedBytes: 1 (expected: at least one"));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void shouldNameOptionAndWhatWasExpectedWhenItIsInvalid(
      Function<JournalOptions, JournalOptions> change, String message) {
    assertThatThrownBy(() -> change.apply(DEFAULTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static Arguments invalid(
      Function<JournalOptions, JournalOptions> change, String message) {
    return Arguments.of(change, message);
  }
}
