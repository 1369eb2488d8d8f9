package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.grpc.GrpcCode;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.interceptor.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a client is told that may try again, in HTTP and in gRPC. */
final class ProblemReplyTest {
  @Test
  void shouldTellThatALimitIsReached() {
    // When
    LocalReply reply = ProblemReply.of(Problems.limit("max_transactions: 7 are running"));

    // Then
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.headers().get("retry-after")).isEqualTo("1");
    assertThat(new String(reply.body(), StandardCharsets.UTF_8))
        .contains("urn:handfast:problem:limit-reached", "max_transactions: 7 are running");
    assertThat(code(reply)).isEqualTo(GrpcCode.RESOURCE_EXHAUSTED);
  }

  @Test
  void shouldTellThatNothingNewIsBegunOtherwise() {
    // Given
    Problem draining = Problems.unavailable("this sidecar is about to stop");

    // Then
    assertThat(ProblemReply.of(draining).headers().get("retry-after")).isEqualTo("1");
    assertThat(code(ProblemReply.of(draining))).isEqualTo(GrpcCode.UNAVAILABLE);
  }

  private static GrpcCode code(LocalReply reply) {
    return Objects.requireNonNull(reply.grpc()).code();
  }
}
