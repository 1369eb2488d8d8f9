package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.crash.CrashPoint;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table says what it is to say. */
final class MatrixTest {
  private static final List<Cell> CELLS = Stream.concat(Matrix.core(), Matrix.rest()).toList();

  /** Of ONE_PHASE, of THREE_PHASE and of operators: none of them is in the matrix. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "beforeOwnDecision",
          "afterOwnDecision",
          "beforePreCommitted",
          "afterPreCommitted",
          "beforeWithdrawal",
          "afterWithdrawal",
          "beforePreCommit",
          "afterPreCommit",
          "beforeResolution",
          "afterResolution",
          "beforeSettlement",
          "afterSettlement",
          "beforeGivenUp",
          "afterGivenUp");

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

  /** Of the engine's moments around a force, those that two-phase commit of the modes has. */
  @Test
  void shouldKillASidecarAtEveryForcePointThatTheModesHave() throws ClassNotFoundException {
    // Given
    Class<?> points = Class.forName("io.handfast.tx.engine.ForcePoints");
    List<String> played =
        CELLS.stream()
            .map(Cell::fault)
            .filter(Fault.Dies.class::isInstance)
            .map(fault -> ((Fault.Dies) fault).point())
            .filter(point -> point.type().equals(points.getName()))
            .map(CrashPoint::method)
            .distinct()
            .toList();
    // Then
    assertThat(
            Stream.of(points.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .map(Method::getName))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(played.stream(), ELSEWHERE.stream()).toList());
  }

  @Test
  void shouldGiveAHastyTransactionToWhomTimePasses() {
    assertThat(CELLS)
        .filteredOn(cell -> cell.end() == Cell.End.EXPIRES)
        .isNotEmpty()
        .allMatch(cell -> cell.request("key").startsWith("/hasty/"));
  }
}
