package io.handfast.tx.explorer.block;

import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.search.Explored;
import java.util.List;
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
    Explored.soundly(worlds, world -> world.explore(Machines.REAL));
  }
}
