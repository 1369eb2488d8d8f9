package io.handfast.tx.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.explorer.Machines;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * AC1 to AC5 in worlds drawn from seeds. {@code -Druns=N} runs more or fewer, {@code -Dseed=N}
 * begins at another; the last line says how many, from which, and how many broke a promise.
 */
class RunsTest {
  private static final long RUNS = Long.getLong("runs", 20_000);
  private static final long SEED = Long.getLong("seed", 1);

  private static final Pattern COUNTED =
      Pattern.compile("\nwith ([0-9]+) faults, of the ([0-9]+) of the whole run");

  /** Answers ABORTED to whoever asks while the transaction runs. */
  private static final Machines WRONG =
      new Machines() {
        @Override
        public Answer answer(
            @Nullable CoordinatorState state,
            ParticipantKey asker,
            boolean ours,
            boolean replayed) {
          return Answer.ABORTED;
        }
      };

  @Test
  @DisplayName("AC1 AC2 AC3 AC5: agreement, no reversal, only if all voted yes, everyone decides")
  void shouldKeepThePromisesWhateverHappens() {
    // When
    Runs.Results results = new Runs(SEED, RUNS, Machines.REAL).run(System.out::println);

    // Then
    assertThat(results.breaches()).as("seeds").isEmpty();
    if (RUNS >= 1_000) {
      assertThat(results.committed()).as("clients that were told committed").isPositive();
      assertThat(results.aborted()).as("clients that were told aborted").isPositive();
      assertThat(results.unknown()).as("clients that were told unknown").isPositive();
      assertThat(results.checkpoints()).as("checkpoints").isPositive();
      assertThat(results.takenOver()).as("records taken over").isPositive();
    }
  }

  @Test
  @DisplayName("a run is the same whenever its seed is")
  void shouldRepeatARunWhenItsSeedIsGiven() {
    for (long seed = 1; seed <= 20; seed++) {
      // When
      String first = new Run(seed).minimal(Machines.REAL);
      String second = new Run(seed).minimal(Machines.REAL);

      // Then
      assertThat(second).isEqualTo(first);
    }
  }

  @Test
  void shouldTellSeedAndShortestStoryWhenAPromiseIsBroken() {
    // Given
    List<String> told = new ArrayList<>();

    // When
    List<Long> breaches = new Runs(1, 200, WRONG).run(told::add).breaches();

    // Then
    assertThat(breaches).hasSizeGreaterThan(3);
    for (int i = 0; i < 3; i++) {
      String story = told.get(i);
      assertThat(story)
          .startsWith("seed " + breaches.get(i) + ": [")
          .contains("Scenario[nodes=", "client begins", "InquiryAnswered[answer=ABORTED]");
      long faults = story.lines().filter(it -> it.startsWith("!! ")).count();
      assertThat(story).containsPattern("\nwith " + faults + " faults, of the [0-9]+ of the whole");
    }
    assertThat(told.subList(3, told.size() - 3)).allMatch(line -> line.matches("seed \\d+: \\[.*"));
    assertThat(told.getLast())
        .isEqualTo("simulation: 200 runs, seed 1, " + breaches.size() + " breaches");
  }

  @Test
  void shouldLeaveOutFaultsThatABreachDoesNotNeed() {
    // Given: most runs meet more faults than it takes
    long seed = new Runs(1, 200, WRONG).run(line -> {}).breaches().getFirst();

    // When
    String told = new Run(seed).minimal(WRONG);

    // Then
    Matcher counted = COUNTED.matcher(told);
    assertThat(counted.find()).isTrue();
    assertThat(Integer.parseInt(counted.group(1))).isLessThan(Integer.parseInt(counted.group(2)));
    assertThat(new Run(seed).breach(WRONG)).as("the same seed again").isNotNull();
    assertThat(new Run(seed).breach(Machines.REAL)).as("the real machines").isNull();
  }
}
