package io.handfast.tx.explorer.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.search.Explored;
import io.handfast.tx.explorer.search.Search;
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

  /** A search that cannot fail proves nothing. */
  @Test
  void shouldFindABlockThatIsLostBeforeItsCommitAndTakenForRolledBackT12() {
    // Given
    Machines forgiving =
        new Machines() {
          @Override
          public boolean failsWhenLostOpen() {
            return false;
          }
        };

    // When
    Search.Found found =
        new BlockSmall(List.of(1), new BlockBounds(0, 0, 0, 2, 1, 1)).explore(forgiving);

    // Then
    assertThat(found.breach()).contains("AC1");
  }

  private static void explore(List<BlockSmall> worlds) {
    Explored.soundly(worlds, world -> world.explore(Machines.REAL));
  }
}
