package io.handfast.tx.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Machines;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * AC1 to AC5 in worlds drawn from seeds. {@code -Druns=N} runs more or fewer, {@code -Dseed=N}
 * begins at another; the last line says how many, from which, and how many broke a promise.
 */
class RunsTest {
  private static final long RUNS = Long.getLong("runs", 20_000);
  private static final long SEED = Long.getLong("seed", 1);

  /** Breaches that are told step by step; the others by their seeds. */
  private static final int TOLD = 3;

  @Test
  @DisplayName("AC1 AC2 AC3 AC5: agreement, no reversal, only if all voted yes, everyone decides")
  void shouldKeepThePromisesWhateverHappens() {
    // Given
    long start = cpuNanos();
    long committed = 0;
    long aborted = 0;
    long unknown = 0;
    List<Long> breaches = new ArrayList<>();

    // When
    for (long seed = SEED; seed < SEED + RUNS; seed++) {
      Run.Result result = new Run(seed).result();
      committed += result.told() == World.ClientAnswer.COMMITTED ? 1 : 0;
      aborted += result.told() == World.ClientAnswer.ABORTED ? 1 : 0;
      unknown += result.told() == World.ClientAnswer.UNKNOWN ? 1 : 0;
      if (!result.breaches().isEmpty()) {
        breaches.add(seed);
        System.out.println(
            breaches.size() <= TOLD
                ? new Run(seed).minimal(Machines.REAL)
                : "seed " + seed + ": " + result.breaches());
      }
    }

    // Then
    double seconds = (cpuNanos() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "clients were told committed %,d, aborted %,d, unknown %,d times; %,.0f runs a second of one core%n",
        committed,
        aborted,
        unknown,
        RUNS / seconds);
    System.out.printf(
        Locale.ROOT, "simulation: %d runs, seed %d, %d breaches%n", RUNS, SEED, breaches.size());
    assertThat(breaches).as("seeds").isEmpty();
    if (RUNS >= 1_000) {
      assertThat(committed).as("clients that were told committed").isPositive();
      assertThat(aborted).as("clients that were told aborted").isPositive();
      assertThat(unknown).as("clients that were told unknown").isPositive();
    }
  }

  /** Of this thread: other builds may have the rest of the machine. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  @Test
  @DisplayName("a run is the same whenever its seed is")
  void shouldRepeatARunWhenItsSeedIsGiven() {
    for (long seed = 1; seed <= 20; seed++) {
      // When
      String first = new Run(seed).minimal(Machines.REAL);
      String second = new Run(seed).minimal(Machines.REAL);

      // Then
      assertThat(second).isEqualTo(first);
    }
  }
}
