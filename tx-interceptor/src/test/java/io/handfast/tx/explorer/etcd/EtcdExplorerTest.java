package io.handfast.tx.explorer.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.search.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every history of small worlds on etcd. What was seen is printed. */
class EtcdExplorerTest {
  @Test
  @DisplayName("T18, T19: AC1 to AC5 where replicas take over and lost sidecars wake")
  void shouldKeepEveryPromiseOnEtcdT19() {
    explore(EtcdSmall.always());
  }

  @Test
  @Tag("full")
  @DisplayName("the same with more faults")
  void shouldKeepEveryPromiseOnEtcdInWiderWorldsT19() {
    explore(EtcdSmall.wide());
  }

  private static void explore(List<EtcdSmall> worlds) {
    List<String> breaches = new ArrayList<>();
    for (EtcdSmall world : worlds) {
      // When
      long start = System.nanoTime();
      Search.Found found = world.explore(Machines.REAL, Conditions.REAL);
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
