package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table says what it is to say. */
final class MatrixTest {
  private static final List<Cell> CELLS = Stream.concat(Matrix.core(), Matrix.rest()).toList();

  @Test
  void shouldPlayEveryColumnInEveryBuild() {
    assertThat(Matrix.core().map(Cell::column).distinct())
        .containsExactlyInAnyOrder(Column.values());
    assertThat(CELLS).doesNotHaveDuplicates().hasSizeGreaterThan(90);
  }

  @Test
  void shouldKnowEveryDeedStopAndConductThatTheTableNames() {
    // Each is played somewhere: what nobody plays is not proved.
    List<String> said = CELLS.stream().map(Cell::toString).toList();
    assertThat(Arrays.stream(Fault.Deed.values()).map(Enum::name))
        .allMatch(name -> said.stream().anyMatch(text -> text.contains(name)));
    assertThat(Arrays.stream(Ask.Stop.values()).map(Enum::name))
        .allMatch(name -> said.stream().anyMatch(text -> text.contains(name)));
  }

  @Test
  void shouldGiveAHastyTransactionToWhomTimePasses() {
    assertThat(CELLS)
        .filteredOn(cell -> cell.end() == Cell.End.EXPIRES)
        .isNotEmpty()
        .allMatch(cell -> cell.request("key").startsWith("/hasty/"));
  }
}
