package io.handfast.tx.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.search.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every history of small worlds. What was seen is printed. */
class ExplorerTest {
  @Test
  @DisplayName("AC1 to AC5, force before tell, nobody told wrongly, no orphan: in every history")
  void shouldKeepEveryPromiseInEveryHistory() {
    explore(Small.always());
  }

  @Test
  @Tag("full")
  @DisplayName("the same with more faults")
  void shouldKeepEveryPromiseInEveryHistoryOfWiderWorlds() {
    explore(Small.wide());
  }

  private static void explore(List<Small> worlds) {
    List<String> breaches = new ArrayList<>();
    for (Small world : worlds) {
      // When
      long start = System.nanoTime();
      Search.Found found = world.explore(Machines.REAL);
      System.out.println(line(world, found, System.nanoTime() - start));
      if (found.breach() != null) {
        breaches.add(world + ": " + found.breach() + "\n" + found.trace());
      }
      assertThat(found.settled()).as("histories of " + world + " that come to rest").isPositive();
    }

    // Then
    assertThat(breaches).isEmpty();
  }

  private static String line(Small world, Search.Found found, long nanos) {
    return String.format(
        Locale.ROOT,
        "explored %,10d states, %,11d moves, depth %2d, %5.1f s: %s",
        found.states(),
        found.moves(),
        found.depth(),
        nanos / 1e9,
        world);
  }
}
