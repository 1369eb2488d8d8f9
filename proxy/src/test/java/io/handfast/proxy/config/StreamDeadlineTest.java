package io.handfast.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.StreamDeadline.AsAsked;
import io.handfast.proxy.config.StreamDeadline.MaxGrpcTimeout;
import io.handfast.proxy.config.StreamDeadline.MaxStreamDuration;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a stream may take, by what its route says and what its caller asks for. */
class StreamDeadlineTest {
  /** In milliseconds; -1 is none. */
  @ParameterizedTest
  @CsvSource({
    // route: duration, max, offset; the request: gRPC or not, grpc-timeout
    "-1, -1, 0, true, 500, 500",
    "-1, -1, 0, true, -1, -1",
    "300, -1, 0, true, 500, 300",
    "300, -1, 0, true, 200, 200",
    "300, -1, 0, true, -1, 300",
    "300, -1, 0, false, 200, 300",
    "0, -1, 0, true, -1, -1",
    "300, 400, 0, true, 500, 400",
    "300, 400, 0, true, 350, 350",
    "300, 400, 0, true, -1, 300",
    "300, 0, 0, true, 500, 500",
    "300, 400, 50, true, 500, 350",
    "300, 0, 50, true, 500, 450",
    "300, 0, 50, true, 50, 0",
    "300, 0, 50, true, 0, 0"
  })
  void shouldLimitByMaxStreamDuration(
      long duration, long max, long offset, boolean grpc, long asked, long limit) {
    // Given
    StreamDeadline deadline =
        new MaxStreamDuration(optional(duration), optional(max), Duration.ofMillis(offset));

    // When
    long nanos = deadline.limitNanos(grpc, asked < 0 ? -1 : asked * 1_000_000);

    // Then
    assertThat(nanos).isEqualTo(limit < 0 ? StreamDeadline.NONE : limit * 1_000_000);
    assertThat(deadline.replacesTimeout(grpc)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, true, 500, 500",
    "0, 0, true, -1, -1",
    "300, 0, true, -1, 300",
    "300, 0, true, 500, 300",
    "300, 0, true, 200, 200",
    "300, 50, true, 200, 150",
    "300, 50, true, 50, 50",
    "300, 50, false, 200, -1"
  })
  void shouldLimitByMaxGrpcTimeout(long max, long offset, boolean grpc, long asked, long limit) {
    // Given
    StreamDeadline deadline = new MaxGrpcTimeout(Duration.ofMillis(max), Duration.ofMillis(offset));

    // When
    long nanos = deadline.limitNanos(grpc, asked < 0 ? -1 : asked * 1_000_000);

    // Then
    assertThat(nanos).isEqualTo(limit < 0 ? StreamDeadline.NONE : limit * 1_000_000);
    assertThat(deadline.replacesTimeout(grpc)).isEqualTo(grpc);
  }

  @Test
  void shouldLimitByWhatTheCallerAsksForWhenTheRouteSaysNothing() {
    AsAsked deadline = new AsAsked();
    assertThat(deadline.limitNanos(true, 5)).isEqualTo(5);
    assertThat(deadline.limitNanos(true, -1)).isEqualTo(StreamDeadline.NONE);
    assertThat(deadline.limitNanos(false, 5)).isEqualTo(StreamDeadline.NONE);
    assertThat(deadline.replacesTimeout(true)).isFalse();
  }

  @Test
  void shouldKnowTheLongestThatAServiceMayWork() {
    assertThat(new AsAsked().longestNanos(true)).isEqualTo(StreamDeadline.NONE);
    assertThat(
            new MaxStreamDuration(optional(300), optional(400), Duration.ZERO).longestNanos(true))
        .isEqualTo(400_000_000);
    assertThat(
            new MaxStreamDuration(optional(300), Optional.empty(), Duration.ZERO)
                .longestNanos(true))
        .isEqualTo(300_000_000);
  }

  private static Optional<Duration> optional(long millis) {
    return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }
}
