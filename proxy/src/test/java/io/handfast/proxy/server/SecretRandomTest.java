package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SecretRandomTest {
  private static final int DRAWN = 10 * SecretRandom.BATCH;

  private final SecretRandom random = new SecretRandom();

  @Test
  void shouldNotRepeatItselfWhenManyThreadsDrawBeyondABatch() {
    // When
    List<CompletableFuture<List<Long>>> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      CompletableFuture<List<Long>> drawn = new CompletableFuture<>();
      threads.add(drawn);
      Thread.ofPlatform().start(() -> drawn.complete(draw()));
    }
    List<Long> all = threads.stream().flatMap(it -> it.join().stream()).toList();

    // Then
    assertThat(all).hasSize(4 * DRAWN).doesNotHaveDuplicates();
  }

  @Test
  void shouldSetEveryBitAboutHalfOfTheTime() {
    // When
    List<Long> drawn = draw();

    // Then
    for (int bit = 0; bit < Long.SIZE; bit++) {
      long mask = 1L << bit;
      // 640 draws: 100 away from the mean is 7.9 standard deviations.
      assertThat(drawn.stream().filter(it -> (it & mask) != 0).count())
          .as("bit " + bit)
          .isBetween(DRAWN / 2 - 100L, DRAWN / 2 + 100L);
    }
  }

  private List<Long> draw() {
    return LongStream.generate(random::nextLong).limit(DRAWN).boxed().toList();
  }
}
