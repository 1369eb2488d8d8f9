package io.handfast.tx.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.simulation.Service.Effect;
import io.handfast.tx.simulation.World.ClientAnswer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Services whose databases prepare blocks of SQL; drawn at random they are in {@link RunsTest}. */
class BlocksTest {
  private static World world(long seed) {
    return new World(seed, Scenario.blocks(), Faults.NONE);
  }

  @Test
  @DisplayName("AC4: if all vote yes and nothing fails, all blocks commit")
  void shouldCommitAllBlocksWhenNothingFails() {
    for (long seed = 1; seed <= 200; seed++) {
      // When
      World world = world(seed).run();

      // Then
      assertThat(Invariants.check(world)).as("seed %d", seed).isEmpty();
      assertThat(world.clientTold).as("seed %d", seed).containsExactly(ClientAnswer.COMMITTED);
      assertThat(world.asked).hasSize(3);
      for (int block : world.asked) {
        assertThat(world.services.get(block).effect()).isEqualTo(Effect.CONFIRMED);
      }
    }
  }

  @Test
  void shouldFindADatabaseThatRollsBackWhatItHasPrepared() {
    // Given: a checker that cannot fail proves nothing
    List<String> found = new ArrayList<>();

    for (long seed = 1; seed <= 50; seed++) {
      // When
      World world = world(seed);
      world.outsideLater("somebody at psql", () -> world.services.get(3).is(Effect.CANCELLED));
      found.addAll(Invariants.check(world.run()));
    }

    // Then
    assertThat(found).anyMatch(text -> text.contains("Agreement"));
  }
}
