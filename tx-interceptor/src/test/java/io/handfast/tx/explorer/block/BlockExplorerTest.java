package io.handfast.tx.explorer.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.search.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every history of small worlds with blocks of SQL. What was seen is printed. */
class BlockExplorerTest {
  @Test
  @DisplayName("T12 to T16: blocks share their fate whoever dies between PREPARE and the last word")
  void shouldKeepEveryPromiseOfBlocksInEveryHistoryT16() {
    explore(BlockSmall.always());
  }

  @Test
  @Tag("full")
  @DisplayName("the same with more faults")
  void shouldKeepEveryPromiseOfBlocksInWiderWorldsT16() {
    explore(BlockSmall.wide());
  }

  private static void explore(List<BlockSmall> worlds) {
    List<String> breaches = new ArrayList<>();
    for (BlockSmall world : worlds) {
      // When
      long start = System.nanoTime();
      Search.Found found = world.explore(Machines.REAL);
      System.out.printf(
          Locale.ROOT,
          "explored %,10d states, %,11d moves, depth %2d, %5.1f s: %s%n",
          found.states(),
          found.moves(),
          found.depth(),
          (System.nanoTime() - start) / 1e9,
          world);
      if (found.breach() != null) {
        breaches.add(world + ": " + found.breach() + "\n" + found.trace());
      }
      assertThat(found.settled()).as("histories of " + world + " that come to rest").isPositive();
    }

    // Then
    assertThat(breaches).isEmpty();
  }
}
