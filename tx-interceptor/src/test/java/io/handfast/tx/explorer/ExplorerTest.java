package io.handfast.tx.explorer;

import io.handfast.tx.explorer.search.Explored;
import java.util.List;
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
    Explored.soundly(worlds, world -> world.explore(Machines.REAL));
  }
}
