package io.handfast.proxy.cluster.lb;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.cluster.lb.PrioritySpread.Count;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables are those of Envoy's documentation of priority levels and of panic. */
final class PrioritySpreadTest {
  private static final int FACTOR = 140;
  private static final int THRESHOLD = 50;

  @ParameterizedTest
  @CsvSource({
    // two priorities: percent healthy of each, load of each
    "100 100,100 0",
    "72 100,100 0",
    "71 100,99 1",
    "50 100,70 30",
    "25 100,35 65",
    "0 100,0 100",
    "72 72,100 0",
    "71 71,99 1",
    "50 50,70 30",
    "25 25,50 50",
    // three
    "100 100 100,100 0 0",
    "72 72 100,100 0 0",
    "71 71 100,99 1 0",
    "50 50 100,70 30 0",
    "25 100 100,35 65 0",
    "25 25 100,35 35 30",
  })
  void shouldSpreadByTheShareOfHealthyEndpoints(String healthy, String load) {
    // When
    PrioritySpread spread = spread(0, healthy, "");

    // Then
    assertThat(healthyLoads(spread, numbers(healthy).length)).containsExactly(numbers(load));
    assertThat(spread.panics(0)).isFalse();
  }

  @Test
  void shouldTakeTheHealthOfAPriorityFromWeightsAndThePanicFromNumbers() {
    // Given: one of four is healthy, and has most of the weight, which needs 64 bits
    Count[] counts = {new Count(4, 1, 0), new Count(4, 4, 0)};
    Count[] weights = {new Count(10L << 32, 8L << 32, 0), new Count(4, 4, 0)};

    // When
    PrioritySpread spread = PrioritySpread.of(counts, weights, FACTOR, THRESHOLD);

    // Then
    assertThat(healthyLoads(spread, 2)).containsExactly(100, 0);
    assertThat(healthyLoads(PrioritySpread.of(counts, FACTOR, THRESHOLD), 2))
        .containsExactly(35, 65);
    Count[] alone = {new Count(4, 1, 0)};
    Count[] weak = {new Count(10, 1, 0)};
    assertThat(PrioritySpread.of(alone, weak, FACTOR, THRESHOLD).panics(0)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    // percent healthy, percent degraded, load of the healthy, load of the degraded
    "100,0,100,0",
    "72,28,100,0",
    "71,29,99,1",
    "50,50,70,30",
    "25,75,35,65",
    "0,100,0,100",
    "50 60,50 0,70 30,0 0",
    "20 20,80 80,28 28,44 0",
  })
  void shouldLeaveToTheDegradedWhatTheHealthyCannotTake(
      String healthy, String degraded, String healthyLoad, String degradedLoad) {
    // When
    PrioritySpread spread = spread(THRESHOLD, healthy, degraded);

    // Then
    int priorities = numbers(healthy).length;
    assertThat(healthyLoads(spread, priorities)).containsExactly(numbers(healthyLoad));
    assertThat(IntStream.range(0, priorities).map(spread::degraded))
        .containsExactly(Arrays.stream(numbers(degradedLoad)).boxed().toArray(Integer[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    // percent healthy, which panic, load
    "100 100,no no,100 0",
    "72 72,no no,100 0",
    "71 71,no no,99 1",
    "50 60,no no,70 30",
    "25 100,no no,35 65",
    "0 100,no no,0 100",
    "25 25,yes yes,50 50",
    "5 65,yes no,8 92",
    "0,yes,100",
    "49,yes,100",
    "50,no,100",
  })
  void shouldPanicWhereTooFewAreAvailable(String healthy, String panics, String load) {
    // When
    PrioritySpread spread = spread(THRESHOLD, healthy, "");

    // Then
    int priorities = numbers(healthy).length;
    assertThat(IntStream.range(0, priorities).mapToObj(i -> spread.panics(i) ? "yes" : "no"))
        .containsExactly(panics.split(" ", -1));
    assertThat(healthyLoads(spread, priorities)).containsExactly(numbers(load));
  }

  @Test
  void shouldSpreadByNumberWhenAllPrioritiesPanic() {
    // Given
    Count[] counts = {new Count(0, 0, 0), new Count(1, 0, 0), new Count(2, 0, 0)};

    // When
    PrioritySpread spread = PrioritySpread.of(counts, FACTOR, THRESHOLD);

    // Then: what rounding leaves goes to the first that has any
    assertThat(healthyLoads(spread, 3)).containsExactly(0, 34, 66);
  }

  @Test
  void shouldTurnToTheFirstPriorityWhenThereIsNobody() {
    Count[] none = {new Count(0, 0, 0), new Count(0, 0, 0)};
    Count[] sick = {new Count(3, 0, 0), new Count(3, 0, 0)};
    assertThat(healthyLoads(PrioritySpread.of(none, FACTOR, THRESHOLD), 2)).containsExactly(100, 0);
    assertThat(healthyLoads(PrioritySpread.of(sick, FACTOR, 0), 2)).containsExactly(100, 0);
    assertThat(PrioritySpread.of(sick, FACTOR, 0).panics(0)).isFalse();
  }

  @Test
  void shouldAlwaysSpreadAll() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      // Given
      Count[] counts = new Count[1 + random.nextInt(4)];
      for (int i = 0; i < counts.length; i++) {
        int all = random.nextInt(12);
        int healthy = random.nextInt(all + 1);
        counts[i] = new Count(all, healthy, random.nextInt(all - healthy + 1));
      }

      // When
      PrioritySpread spread =
          PrioritySpread.of(counts, 1 + random.nextInt(400), random.nextInt(101));

      // Then
      int sum =
          IntStream.range(0, counts.length).map(i -> spread.healthy(i) + spread.degraded(i)).sum();
      assertThat(sum).as(() -> Arrays.toString(counts)).isEqualTo(100);
      for (int i = 0; i < counts.length; i++) {
        if (!spread.panics(i) && counts[i].healthy() == 0 && i > 0) {
          assertThat(spread.healthy(i)).isZero();
        }
      }
    }
  }

  private static PrioritySpread spread(int threshold, String healthy, String degraded) {
    int[] good = numbers(healthy);
    int[] fair = degraded.isEmpty() ? new int[good.length] : numbers(degraded);
    Count[] counts = new Count[good.length];
    Arrays.setAll(counts, i -> new Count(100, good[i], fair[i]));
    return PrioritySpread.of(counts, FACTOR, threshold);
  }

  private static int[] healthyLoads(PrioritySpread spread, int priorities) {
    return IntStream.range(0, priorities).map(spread::healthy).toArray();
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
  }
}
