package io.handfast.tx.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Small;
import io.handfast.tx.explorer.ThreePhaseWorlds;
import io.handfast.tx.explorer.search.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The mutants of THREE_PHASE, caught by the explorer. The table is printed. */
class ThreePhaseMutantsTest {
  @Test
  void shouldCatchEveryMutant() {
    List<String> survivors = new ArrayList<>();
    System.out.printf(
        "%-60s | %-20s | %s%n", "mutant of THREE_PHASE", "explorer", "promise; world");

    for (Mutant mutant : ThreePhaseMutants.ALL) {
      // When
      String caught = hunt(mutant);
      if (caught.isEmpty()) {
        survivors.add(mutant.name());
      }
      System.out.printf("%-60s | %s%n", mutant.name(), caught.isEmpty() ? "-" : caught);
    }

    // Then
    assertThat(survivors).isEmpty();
    assertThat(ThreePhaseMutants.ALL).hasSizeGreaterThanOrEqualTo(7);
    assertThat(ThreePhaseMutants.ALL.stream().map(Mutant::name)).doesNotHaveDuplicates();
  }

  private static String hunt(Mutant mutant) {
    long states = 0;
    for (Small world : ThreePhaseWorlds.hunts()) {
      Search.Found found = world.explore(mutant.machines());
      states += found.states();
      if (found.breach() != null) {
        return String.format(Locale.ROOT, "%,13d states | %s; %s", states, found.breach(), world);
      }
    }
    return "";
  }
}
