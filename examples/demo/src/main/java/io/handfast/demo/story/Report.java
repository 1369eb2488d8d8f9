package io.handfast.demo.story;

import io.handfast.demo.story.Books.Findings;
import io.handfast.demo.story.Books.Tally;
import io.handfast.demo.story.Story.Played;
import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Told.Verdict;
import java.time.Duration;
import java.util.List;

/** The tables at the end: what happened in each act, and what was checked over all of them. */
public final class Report {
  private static final String ACT = "%2s  %-48s %-40s %7s  %s";
  private static final String CHECK = "    %-88s %s";

  private final Terminal terminal;
  private final Kind kind;

  public Report(Terminal terminal, Kind kind) {
    this.terminal = terminal;
    this.kind = kind;
  }

  /** Prints the tables and tells whether every act went well. */
  public boolean print(List<Played> played, Duration took, long seed) {
    terminal.line("");
    terminal.line(terminal.bold(ACT.formatted("", "Act", "the client was told", "took", "")));
    int number = 0;
    boolean well = true;
    for (Played act : played) {
      well &= act.wentWell();
      String seconds = "%.1f s".formatted(seconds(act.took()));
      terminal.line(
          ACT.formatted(++number, act.title(), act.told(), seconds, mark(act.wentWell())));
    }
    terminal.line("");
    terminal.line(
        terminal.bold(CHECK.formatted("Checked after each act; in the end", "")).stripTrailing());
    printChecks(played.getLast().findings());
    terminal.line("");
    String summary =
        "%s in %.1f s (seed %d).".formatted(well ? "All well" : "WRONG", seconds(took), seed);
    terminal.line(well ? terminal.good(summary) : terminal.bad(summary));
    return well;
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }

  private void printChecks(Findings findings) {
    Tally committed = tally(findings, Verdict.COMMITTED);
    check(
        committed.everywhere() == committed.told(),
        "told committed: %d transfers; at both banks and in transfers: %d"
            .formatted(committed.told(), committed.everywhere()));
    Tally aborted = tally(findings, Verdict.ABORTED);
    check(
        aborted.nowhere() == aborted.told(),
        "told aborted: %d transfers; nowhere: %d".formatted(aborted.told(), aborted.nowhere()));
    Tally unknown = tally(findings, Verdict.UNKNOWN);
    Tally nothing = tally(findings, Verdict.NOTHING);
    int told = unknown.told() + nothing.told();
    int everywhere = unknown.everywhere() + nothing.everywhere();
    int nowhere = unknown.nowhere() + nothing.nowhere();
    check(
        everywhere + nowhere == told,
        "told neither: %d transfers; at both banks and in transfers: %d, nowhere: %d"
            .formatted(told, everywhere, nowhere));
    check(findings.inDoubt() == 0, "branches in doubt after recovery: " + findings.inDoubt());
    check(findings.open() == 0, kind.open + ": " + findings.open());
    check(
        findings.total() == Accounts.total() && findings.audited() == findings.total(),
        "money in all accounts: %s of %s; as audit counts it through the mesh: %s"
            .formatted(
                Accounts.money(findings.total()),
                Accounts.money(Accounts.total()),
                Accounts.money(findings.audited())));
  }

  private void check(boolean held, String text) {
    terminal.line(CHECK.formatted(text, mark(held)));
  }

  private String mark(boolean well) {
    return well ? terminal.good("ok") : terminal.bad("WRONG");
  }

  private static Tally tally(Findings findings, Verdict verdict) {
    return findings.tallies().getOrDefault(verdict, new Tally(0, 0, 0));
  }
}
