package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.demo.story.Books.Findings;
import io.handfast.demo.story.Books.Tally;
import io.handfast.demo.story.Story.Played;
import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Told.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private static final Duration TOOK = Duration.ofMillis(1200);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Report report =
      new Report(
          new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), false), Kind.DATABASE);

  @Test
  void shouldSayAllWellWhenEveryCheckHeld() {
    // Given
    Findings findings = findings(0, new Tally(3, 3, 0), List.of());

    // When
    boolean well = print(new Played("an act", "committed", findings, List.of(), TOOK));

    // Then
    assertThat(well).isTrue();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("told committed: 3 transfers; at both banks and in transfers: 3")
        .contains("money in all accounts: 8,000.00 of 8,000.00; as audit counts it")
        .contains("left in pg_prepared_xacts: 0")
        .containsPattern("an act +committed +1[.]2 s +ok")
        .contains("All well in 1.5 s (seed 7).")
        .doesNotContain("WRONG");
  }

  @Test
  void shouldSayWrongWhenOneCheckDidNotHold() {
    // Given
    Findings findings = findings(1, new Tally(3, 2, 1), List.of("one is in doubt"));

    // When
    boolean well = print(new Played("an act", "committed", findings, findings.violations(), TOOK));

    // Then
    assertThat(well).isFalse();
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .filteredOn(line -> line.contains("WRONG"))
        .satisfiesExactly(
            line -> assertThat(line).contains("an act"),
            line -> assertThat(line).contains("told committed: 3"),
            line -> assertThat(line).contains("branches in doubt after recovery: 1"),
            line -> assertThat(line).contains("WRONG in 1.5 s"));
  }

  private boolean print(Played played) {
    return report.print(List.of(played), Duration.ofMillis(1500), 7);
  }

  private static Findings findings(int inDoubt, Tally committed, List<String> violations) {
    return new Findings(
        inDoubt,
        Accounts.total(),
        Accounts.total(),
        0,
        Map.of(),
        Map.of(Verdict.COMMITTED, committed),
        violations);
  }
}
