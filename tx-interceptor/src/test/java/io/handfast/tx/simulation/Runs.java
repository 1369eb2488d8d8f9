package io.handfast.tx.simulation;

import io.handfast.tx.explorer.Machines;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Runs one after the other, and what is said of them: of the first that break a promise everything,
 * of the others their seeds, and at last how many there were.
 *
 * @param first seed
 * @param runs how many, each with the next seed
 * @param machines what is run
 */
record Runs(long first, long runs, Machines machines) {
  /** Breaches that are told step by step. */
  private static final int TOLD = 3;

  /**
   * What came of them.
   *
   * @param breaches seeds of the runs that broke a promise
   */
  record Results(
      long committed,
      long aborted,
      long unknown,
      long checkpoints,
      long takenOver,
      List<Long> breaches) {}

  Results run(Consumer<String> out) {
    long start = cpuNanos();
    long committed = 0;
    long aborted = 0;
    long unknown = 0;
    long shared = 0;
    long checkpoints = 0;
    long takenOver = 0;
    List<Long> breaches = new ArrayList<>();
    for (long seed = first; seed < first + runs; seed++) {
      Run run = new Run(seed);
      Run.Result result = run.result(machines);
      committed += result.told() == World.ClientAnswer.COMMITTED ? 1 : 0;
      aborted += result.told() == World.ClientAnswer.ABORTED ? 1 : 0;
      unknown += result.told() == World.ClientAnswer.UNKNOWN ? 1 : 0;
      shared += result.shared() ? 1 : 0;
      checkpoints += result.checkpoints();
      takenOver += result.takenOver();
      if (!result.breaches().isEmpty()) {
        breaches.add(seed);
        out.accept(
            breaches.size() <= TOLD
                ? run.minimal(machines)
                : "seed " + seed + ": " + result.breaches());
      }
    }
    out.accept(
        String.format(
            Locale.ROOT,
            "%,d runs on journals with %,d checkpoints, %,d on etcd with %,d records taken over",
            runs - shared,
            checkpoints,
            shared,
            takenOver));
    double seconds = (cpuNanos() - start) / 1e9;
    out.accept(
        String.format(
            Locale.ROOT,
            "clients were told committed %,d, aborted %,d, unknown %,d times; %,.0f runs a second"
                + " of one core",
            committed,
            aborted,
            unknown,
            runs / seconds));
    out.accept(
        String.format(
            Locale.ROOT,
            "simulation: %d runs, seed %d, %d breaches",
            runs,
            first,
            breaches.size()));
    return new Results(committed, aborted, unknown, checkpoints, takenOver, breaches);
  }

  /** Of this thread: other builds may have the rest of the machine. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
