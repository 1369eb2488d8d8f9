package io.handfast.demo;

import io.handfast.demo.Story.Played;
import java.time.Duration;
import java.util.List;

/** The table at the end. */
final class Report {
  private static final String ROW = "%2s  %-50s %-34s %8s %10s %6s  %s";

  private final Terminal terminal;

  Report(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Prints the table and tells whether every act went well. */
  boolean print(List<Played> played, int transfers, Duration took, long seed) {
    terminal.line("");
    terminal.line(
        terminal.bold(
            ROW.formatted("", "What was checked", "told", "in doubt", "money", "left", "")));
    int number = 0;
    boolean well = true;
    for (Played act : played) {
      well &= act.wentWell();
      String verdict = act.wentWell() ? terminal.good("ok") : terminal.bad("WRONG");
      terminal.line(
          ROW.formatted(
              ++number,
              act.title(),
              act.told(),
              act.findings().inDoubt(),
              Accounts.money(act.findings().total()),
              act.findings().open(),
              verdict));
    }
    terminal.line("");
    terminal.paragraph(
        0,
        "After each act, over all %d transfers so far: nobody was told committed whose transfer is"
                .formatted(transfers)
            + " not at both banks and in transfers; nobody was told aborted whose transfer is; one"
            + " without a verdict happened everywhere or nowhere; every balance is what the confirmed"
            + " transfers make it; no branch in doubt, no reservation left.");
    terminal.line("");
    String summary =
        "%s in %.1f s (seed %d)."
            .formatted(well ? "All well" : "WRONG", took.toMillis() / 1000.0, seed);
    terminal.line(well ? terminal.good(summary) : terminal.bad(summary));
    return well;
  }
}
