package io.handfast.tx.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.simulation.Service.Effect;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Properties of atomic commitment (Bernstein, Hadzilacos and Goodman) as services see them: said of
 * effects alone, not of records. AC4 is in {@link SimulationTest}.
 */
class AtomicCommitmentTest {
  private static final int SEEDS = 10;

  private static World world(long seed) {
    return new World(
        seed,
        Scenario.flat(Durability.FORCED, Durability.FORCED_COMPLETE, Durability.OVERLAPPED),
        Faults.NONE);
  }

  /** Each sidecar dies in each of its forces, before it is durable and after. */
  private static void inEachForce(Consumer<World> afterwards) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      int forces = world(seed).run().forces();
      for (int n = 0; n < forces; n++) {
        for (boolean before : new boolean[] {true, false}) {
          World world = world(seed).crashAtForce(n, before);
          try {
            afterwards.accept(world.run());
          } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                "seed %d, crash at force %d, before: %s".formatted(seed, n, before), e);
          }
        }
      }
    }
  }

  @Test
  @DisplayName("AC1: all branches that decide decide alike")
  void shouldDecideAlikeWhoeverDiesAC1() {
    // Given
    Set<Effect> seen = EnumSet.noneOf(Effect.class);

    // When / Then
    inEachForce(world -> {
      Set<Effect> decided = EnumSet.noneOf(Effect.class);
      world.services.forEach(service -> decided.add(service.effect()));
      decided.remove(Effect.NONE); // it was never tried
      assertThat(decided).hasSizeLessThanOrEqualTo(1);
      seen.addAll(decided);
    });

    // And: both outcomes were there
    assertThat(seen).containsExactlyInAnyOrder(Effect.CONFIRMED, Effect.CANCELLED);
  }

  @Test
  @DisplayName("AC5: once failures heal, everyone decides")
  void shouldLeaveNobodyUndecidedOnceAllAreBackAC5() {
    inEachForce(world -> {
      assertThat(world.services).noneMatch(service -> service.effect() == Effect.RESERVED);
      assertThat(world.sidecars).allMatch(sidecar -> sidecar.branch() == null);
      assertThat(world.hosts)
          .allMatch(host -> host.coordinator == null || host.coordinator.state() == null);
    });
  }
}
