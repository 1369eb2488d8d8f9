package io.handfast.tx.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.Small;
import io.handfast.tx.explorer.search.Search;
import io.handfast.tx.simulation.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A checker that cannot fail proves nothing. The table is printed. */
class MutantsTest {
  private static final List<Mutant> ALL =
      Stream.of(
              CoordinatorMutants.ALL,
              ParticipantMutants.ALL,
              AnswerMutants.ALL,
              AskingMutants.ALL,
              OperatorMutants.ALL,
              BlockMutants.ALL,
              StoreMutants.ALL,
              StoreMutants.OPERATOR,
              StoreMutants.ETCD)
          .flatMap(List::stream)
          .toList();

  private static final Set<Mutant> ASKING = Set.copyOf(AskingMutants.ALL);

  private static final Set<Mutant> OPERATOR =
      Stream.of(OperatorMutants.ALL, StoreMutants.OPERATOR)
          .flatMap(List::stream)
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<Mutant> BLOCKS = Set.copyOf(BlockMutants.ALL);
  private static final Set<Mutant> STORE = Set.copyOf(StoreMutants.ALL);
  private static final Set<Mutant> ETCD = Set.copyOf(StoreMutants.ETCD);

  /** Runs of the simulation in which a mutant may be caught. */
  private static final int RUNS = 600;

  /**
   * How one was caught.
   *
   * @param breach which promise it broke; empty if it survived
   * @param states that were seen until then
   */
  private record Caught(String breach, long states, String world, String trace) {}

  /** The first run of the simulation that caught one, and what it broke there. */
  private record Met(long run, String breach) {}

  @Test
  void shouldCatchEveryMutant() {
    List<String> survivors = new ArrayList<>();
    System.out.printf(
        "%-50s | %-20s | %-16s | %s%n", "mutant", "explorer", "simulation", "promise; world");

    for (Mutant mutant : ALL) {
      // When
      Caught caught = hunt(mutant.machines(), worlds(mutant));
      Met met = simulate(mutant);
      System.out.printf(
          Locale.ROOT,
          "%-50s | %-20s | %-16s | %s; %s%n",
          mutant.name(),
          caught.breach().isEmpty()
              ? "-"
              : String.format(Locale.ROOT, "%,d states", caught.states()),
          met.run() == 0 ? "-" : "in run " + met.run(),
          caught.breach().isEmpty() ? met.breach() : caught.breach(),
          caught.world());
      if (caught.breach().isEmpty() && met.run() == 0) {
        survivors.add(mutant.name());
      }
    }

    // Then
    assertThat(survivors).isEmpty();
    assertThat(ALL).hasSizeGreaterThanOrEqualTo(20);
    assertThat(ALL.stream().map(Mutant::name)).doesNotHaveDuplicates();
  }

  @Test
  void shouldNotCatchTheRealMachines() {
    // When
    List<Small> worlds = new ArrayList<>(Small.hunts());
    worlds.addAll(Small.askingHunts());
    worlds.addAll(Small.operatorHunts());
    Caught caught = hunt(Machines.REAL, worlds);

    // Then
    assertThat(caught.breach()).withFailMessage(caught::trace).isEmpty();
  }

  @Test
  void shouldDrawHowAMutantWasCaught() {
    // Given
    Mutant mutant =
        ALL.stream()
            .filter(it -> it.name().equals("abort in doubt, at the deadline"))
            .findFirst()
            .orElseThrow();

    // When
    Caught caught = hunt(mutant.machines(), Small.hunts());
    System.out.println(mutant.name() + ": " + caught.breach() + "\n" + caught.trace());

    // Then
    assertThat(caught.trace())
        .containsSubsequence(
            "client",
            "0, coordinator and branch",
            "-- request --",
            "* force BEGUN",
            "<- answer 1=prepared --",
            "* timer DEADLINE",
            "* TimerFired → Cancelling");
  }

  /**
   * What is wrong with a store of the sidecar's is not in the explorer's, which are models; blocks
   * have worlds of their own.
   */
  private static List<Small> worlds(Mutant mutant) {
    boolean ofStore = STORE.contains(mutant) || StoreMutants.OPERATOR.contains(mutant);
    if (ofStore || ETCD.contains(mutant) || BLOCKS.contains(mutant)) {
      return List.of();
    }
    if (OPERATOR.contains(mutant)) {
      return Small.operatorHunts();
    }
    return ASKING.contains(mutant) ? Small.askingHunts() : Small.hunts();
  }

  /** The first run that catches it; 0 if none does. */
  private static Met simulate(Mutant mutant) {
    for (long n = 1; n <= RUNS; n++) {
      Run run = run(mutant, n);
      String breach = run.breach(mutant.machines());
      if (breach != null) {
        return new Met(run.seed(), breach);
      }
    }
    return new Met(0, "");
  }

  private static Run run(Mutant mutant, long n) {
    if (BLOCKS.contains(mutant)) {
      return Run.withBlocks(n);
    }
    if (ETCD.contains(mutant)) {
      return Run.onEtcd(n);
    }
    return OPERATOR.contains(mutant) ? Run.withOperators(n) : new Run(n);
  }

  private static Caught hunt(Machines machines, List<Small> worlds) {
    long states = 0;
    for (Small world : worlds) {
      Search.Found found = world.explore(machines);
      states += found.states();
      if (found.breach() != null) {
        return new Caught(found.breach(), states, world.toString(), found.trace());
      }
    }
    return new Caught("", states, "", "");
  }
}
