package io.handfast.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whoever asks, the engine answers one question at a time. */
class TurnstileTest {
  private final Turnstile turnstile = new Turnstile(2);
  private final List<CompletableFuture<String>> asked = new ArrayList<>();

  private @Nullable CompletionStage<String> pass() {
    return turnstile.pass(() -> {
      CompletableFuture<String> answer = new CompletableFuture<>();
      asked.add(answer);
      return answer;
    });
  }

  @Test
  void shouldLetOneThroughAndThenTheNextAndRefuseWhomNobodyCouldWaitFor() {
    // Given
    CompletionStage<String> first = pass();
    CompletionStage<String> second = pass();
    assertThat(pass()).isNotNull();

    // When / Then
    assertThat(pass()).as("too many wait").isNull();
    assertThat(asked).hasSize(1);
    asked.getFirst().complete("one");
    assertThat(first).isCompletedWithValue("one");
    assertThat(asked).hasSize(2);
    assertThat(second).isNotCompleted();
    assertThat(pass()).as("there is room again").isNotNull();
  }

  @Test
  void shouldGoOnWhenAQuestionFails() {
    // Given
    CompletionStage<String> first = pass();
    CompletionStage<String> second = pass();

    // When
    asked.getFirst().completeExceptionally(new IllegalStateException("engine"));
    CompletionStage<String> none =
        turnstile.pass(() -> {
          throw new IllegalStateException("nobody");
        });
    asked.get(1).complete("two");

    // Then
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedWithValue("two");
    assertThat(none).isCompletedExceptionally();
    assertThat(pass()).isNotNull();
    assertThat(asked).hasSize(3);
  }

  @Test
  void shouldSayWhatHappensOverAndOverLessAndLess() {
    // Given
    Rarely rarely = new Rarely();
    List<Long> said = new ArrayList<>();

    // When
    for (int i = 0; i < 1_000; i++) {
      long times = rarely.happened();
      if (times > 0) {
        said.add(times);
      }
    }

    // Then
    assertThat(said).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 512L);
  }
}
