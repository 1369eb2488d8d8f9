package io.handfast.tx.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.simulation.Service.Effect;
import io.handfast.tx.simulation.World.ClientAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * Worlds in which nothing fails, or one thing does; what is drawn at random is in {@link RunsTest}.
 */
class SimulationTest {
  private static World run(World world, String what) {
    try {
      return world.run();
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Durability.class, mode = Mode.EXCLUDE, names = "IN_RESOURCE")
  @DisplayName("AC4: if all vote yes and nothing fails, commit")
  void shouldCommitWhenNothingFails(Durability durability) {
    for (long seed = 1; seed <= 200; seed++) {
      // Given
      World world = new World(seed, Scenario.flat(durability, durability, durability), Faults.NONE);

      // When
      run(world, "seed " + seed);

      // Then
      assertThat(Invariants.check(world)).isEmpty();
      assertThat(world.clientTold).containsExactly(ClientAnswer.COMMITTED);
      Effect expected = durability == Durability.READ_ONLY ? Effect.NONE : Effect.CONFIRMED;
      assertThat(world.services).allMatch(service -> service.effect() == expected);
    }
  }

  @Test
  @DisplayName("AC4 on etcd: if all vote yes and nothing fails, commit")
  void shouldCommitOnEtcdWhenNothingFails() {
    for (long seed = 1; seed <= 200; seed++) {
      // Given
      World world = new World(seed, Scenario.shared(new Random(seed)), Faults.NONE);

      // When
      run(world, "seed " + seed);

      // Then
      assertThat(Invariants.check(world)).as("seed %d", seed).isEmpty();
      assertThat(world.clientTold).as("seed %d", seed).containsExactly(ClientAnswer.COMMITTED);
      for (int i = 0; i < world.services.size(); i++) {
        assertThat(world.services.get(i).effect())
            .as("seed %d, service %d", seed, i)
            .isEqualTo(world.isUpdating(i) ? Effect.CONFIRMED : Effect.NONE);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Durability.class, mode = Mode.EXCLUDE, names = "IN_RESOURCE")
  @DisplayName("crash at every force, before it is durable and after")
  void shouldKeepTheInvariantsWhenASidecarDiesInAForce(Durability durability) {
    for (long seed = 1; seed <= 20; seed++) {
      // Given
      int forces =
          new World(seed, Scenario.flat(durability, durability, durability), Faults.NONE)
              .run()
              .forces();

      for (int n = 0; n < forces; n++) {
        for (boolean before : new boolean[] {true, false}) {
          // When
          World world =
              new World(seed, Scenario.flat(durability, durability, durability), Faults.NONE)
                  .crashAtForce(n, before);
          run(world, "seed " + seed + ", crash at force " + n + (before ? " before" : " after"));

          // Then
          List<String> violations = Invariants.check(world);
          assertThat(violations)
              .as("seed %d, crash at force %d, before: %s", seed, n, before)
              .isEmpty();
        }
      }
    }
  }

  @Test
  void shouldFindAParticipantThatDoesNotKeepItsWord() {
    // Given: a checker that cannot fail proves nothing
    List<String> found = new ArrayList<>();

    for (long seed = 1; seed <= 50; seed++) {
      // When
      World world =
          new World(seed, Scenario.flat(Durability.FORCED, Durability.FORCED), Faults.NONE);
      world.later(-1, "the service forgets", () -> world.services.get(1).cancel());
      world.run();
      found.addAll(Invariants.check(world));
    }

    // Then
    assertThat(found).anyMatch(text -> text.contains("AC2"));
  }
}
