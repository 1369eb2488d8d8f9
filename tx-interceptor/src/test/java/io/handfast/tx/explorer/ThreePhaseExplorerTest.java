package io.handfast.tx.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.search.Explored;
import io.handfast.tx.explorer.search.Search;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every history of THREE_PHASE in small worlds. What was seen is printed. */
class ThreePhaseExplorerTest {
  @Test
  @DisplayName(
      "AC1 to AC5, force before tell, no orphan: where no sidecar is taken for dead in vain")
  void shouldKeepEveryPromiseWhenTheNetworkIsSynchronous() {
    explore(ThreePhaseWorlds.always());
  }

  @Test
  @Tag("full")
  @DisplayName("the same with more faults")
  void shouldKeepEveryPromiseInWiderWorlds() {
    explore(ThreePhaseWorlds.wide());
  }

  @Test
  @DisplayName("a checker that cannot fail proves nothing: the split of a network that parts")
  void shouldFindTheSplitOutcomeWhenTheNetworkMayPart() {
    // When
    Search.Found found = ThreePhaseWorlds.parted().explore(Machines.REAL);
    System.out.println(
        "THREE_PHASE where the network parts: " + found.breach() + "\n" + found.trace());

    // Then
    assertThat(found.breach()).contains("(AC1)");
    assertThat(found.trace())
        .containsSubsequence("client", "0, coordinator and branch", "1, branch", "(lost)");
  }

  @Test
  @DisplayName("the control: the same messages lost, and who lives is heard")
  void shouldFindNoSplitOutcomeInTheSameWorldWhenTheNetworkDoesNotPart() {
    explore(List.of(ThreePhaseWorlds.whole()));
  }

  @Test
  @DisplayName("a pre-commit that comes when its sender has died changes nobody's count")
  void shouldKeepEveryPromiseWhenPreCommitsComeLate() {
    explore(ThreePhaseWorlds.late());
  }

  @Test
  @DisplayName("AC1 to AC4 where those who ended forget how; who comes back may wait for good")
  void shouldDecideNothingWrongWhenEndsAreForgotten() {
    for (Small world : ThreePhaseWorlds.forgetful()) {
      // When
      Search.Found found = Explored.one(world, it -> it.explore(Machines.REAL));

      // Then: that not all can decide is found when everything was seen, and nothing else was wrong
      assertThat(found.breach())
          .isEqualTo("not all can decide from here on, though failures have healed (AC5)");
      assertThat(found.settled()).isPositive();
    }
  }

  private static void explore(List<Small> worlds) {
    Explored.soundly(worlds, world -> world.explore(Machines.REAL));
  }
}
