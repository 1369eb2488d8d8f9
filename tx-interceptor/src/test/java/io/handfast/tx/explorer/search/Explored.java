package io.handfast.tx.explorer.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Searches of small worlds, each with a line that says what was seen. */
public final class Explored {
  private Explored() {}

  /** Every history of each keeps every promise, and some come to rest. */
  public static <W> void soundly(List<W> worlds, Function<W, Search.Found> search) {
    List<String> breaches = new ArrayList<>();
    for (W world : worlds) {
      Search.Found found = one(world, search);
      if (found.breach() != null) {
        breaches.add(world + ": " + found.breach() + "\n" + found.trace());
      }
      assertThat(found.settled()).as("histories of " + world + " that come to rest").isPositive();
    }
    assertThat(breaches).isEmpty();
  }

  /** Searches one, and says what was seen. */
  public static <W> Search.Found one(W world, Function<W, Search.Found> search) {
    long start = System.nanoTime();
    Search.Found found = search.apply(world);
    System.out.printf(
        Locale.ROOT,
        "explored %,10d states, %,11d moves, depth %2d, %5.1f s: %s%n",
        found.states(),
        found.moves(),
        found.depth(),
        (System.nanoTime() - start) / 1e9,
        world);
    return found;
  }
}
