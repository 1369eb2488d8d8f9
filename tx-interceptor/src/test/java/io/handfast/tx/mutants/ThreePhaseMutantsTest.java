package io.handfast.tx.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Small;
import io.handfast.tx.explorer.ThreePhaseWorlds;
import io.handfast.tx.explorer.search.Search;
import io.handfast.tx.mutants.ThreePhaseMutants.Hunted;
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

    for (Hunted hunted : ThreePhaseMutants.ALL) {
      Mutant mutant = hunted.mutant();
      // When
      String caught = hunt(hunted);
      if (caught.isEmpty()) {
        survivors.add(mutant.name());
      }
      System.out.printf("%-60s | %s%n", mutant.name(), caught.isEmpty() ? "-" : caught);
    }

    // Then
    assertThat(survivors).isEmpty();
    assertThat(ThreePhaseMutants.ALL).hasSize(19);
    assertThat(ThreePhaseMutants.ALL.stream().map(it -> it.mutant().name()))
        .doesNotHaveDuplicates();
  }

  private static String hunt(Hunted hunted) {
    List<Small> worlds = new ArrayList<>(List.of(hunted.first()));
    worlds.addAll(ThreePhaseWorlds.hunts());
    long states = 0;
    for (Small world : worlds) {
      Search.Found found = world.explore(hunted.mutant().machines());
      states += found.states();
      if (found.breach() != null) {
        return String.format(Locale.ROOT, "%,13d states | %s; %s", states, found.breach(), world);
      }
    }
    return "";
  }
}
