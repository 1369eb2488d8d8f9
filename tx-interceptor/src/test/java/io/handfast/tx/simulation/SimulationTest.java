package io.handfast.tx.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.simulation.Service.Effect;
import io.handfast.tx.simulation.World.ClientAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * AC1 to AC5 on worlds drawn from seeds. A failure prints its seed; {@code
 * -Dhandfast.simulation.seed=N} repeats one, {@code -Dhandfast.simulation.seeds=N} runs more.
 */
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("handfast.simulation.seeds", 3_000);
  private static final Long ONE_SEED = Long.getLong("handfast.simulation.seed");

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("none", Faults.NONE),
        Arguments.of("network", Faults.NETWORK),
        Arguments.of("crashes", Faults.CRASHES),
        Arguments.of("all", Faults.ALL));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  @DisplayName("AC1 AC2 AC3 AC5: agreement, no reversal, only if all voted yes, everyone decides")
  void shouldKeepTheInvariantsWhateverHappens(String name, Faults faults) {
    // Given
    long first = ONE_SEED == null ? 1 : ONE_SEED;
    long last = ONE_SEED == null ? SEEDS : ONE_SEED;
    int committed = 0;
    int aborted = 0;

    for (long seed = first; seed <= last; seed++) {
      // When
      World world = world(seed, faults);
      run(world, "seed " + seed + ", faults " + name);

      // Then
      List<String> violations = Invariants.check(world);
      assertThat(violations).withFailMessage(() -> report(world, violations)).isEmpty();
      committed += world.clientTold.contains(ClientAnswer.COMMITTED) ? 1 : 0;
      aborted += world.clientTold.contains(ClientAnswer.ABORTED) ? 1 : 0;
    }
    if (ONE_SEED == null) {
      assertThat(committed).as("worlds that commit").isPositive();
      assertThat(aborted > 0).as("worlds that abort").isEqualTo(!faults.equals(Faults.NONE));
    }
  }

  private static World world(long seed, Faults faults) {
    return new World(seed, Scenario.draw(new Random(~seed)), faults);
  }

  private static void run(World world, String what) {
    world.log.add(what + ", " + world.scenario);
    try {
      world.run();
    } catch (RuntimeException e) {
      throw new AssertionError(report(world, List.of(e.toString())), e);
    }
  }

  private static String report(World world, List<String> violations) {
    return violations + "\n" + String.join("\n", world.log);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
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

  @ParameterizedTest
  @EnumSource(Durability.class)
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
          assertThat(violations).withFailMessage(() -> report(world, violations)).isEmpty();
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
