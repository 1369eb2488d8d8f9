package io.handfast.demo.story;

import io.handfast.demo.town.DemoFailure;
import io.handfast.demo.town.Home;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.PodTown;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ./handfast demo --transparent}: one transfer that commits and one that aborts, in pods.
 */
public final class PodStory {
  private static final int REHEARSALS = 5;

  private final PodTown town;
  private final Terminal terminal;
  private final List<String> violations = new ArrayList<>();

  private PodStory(PodTown town, Terminal terminal) {
    this.town = town;
    this.terminal = terminal;
  }

  /** Plays it and tells whether all went well; nothing is left behind. */
  public static boolean play(Home home, Terminal terminal)
      throws IOException, SQLException, InterruptedException {
    try (PodTown town = new PodTown(home)) {
      Runnable close = town::close;
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    terminal.mute();
                    close.run();
                  },
                  "tear-down"));
      terminal.line("Starting four network namespaces, each with a service and a sidecar …");
      town.start();
      for (Member member : Member.values()) {
        terminal.line("    %-10s %s".formatted(member.title, town.at(member)));
      }
      List<String> violations = tell(town, terminal);
      violations.forEach(violation -> terminal.line(terminal.bad("WRONG: ") + violation));
      terminal.line(violations.isEmpty() ? terminal.good("All well.") : terminal.bad("WRONG."));
      return violations.isEmpty();
    }
  }

  /** The story itself: what was found to be wrong. */
  static List<String> tell(PodTown town, Terminal terminal)
      throws IOException, InterruptedException {
    PodStory story = new PodStory(town, terminal);
    story.rehearse();
    story.commit();
    story.abort();
    story.destinations();
    return story.violations;
  }

  private void rehearse() throws InterruptedException {
    for (int attempt = 1; attempt <= REHEARSALS; attempt++) {
      Order order =
          new Order(
              "rehearsal-" + attempt,
              new Order.Place(Member.BANK_A, "agnes"),
              new Order.Place(Member.BANK_B, "beth"),
              1);
      if (town.ask(order).verdict() == Verdict.COMMITTED) {
        return;
      }
    }
    throw new DemoFailure("no transfer commits (expected: one of " + REHEARSALS + ")");
  }

  private void commit() throws IOException, InterruptedException {
    long alice = town.balance(Member.BANK_A, "alice");
    long bob = town.balance(Member.BANK_B, "bob");
    Told told = town.ask(Order.fromAliceToBob("commits", 25_000));
    terminal.line("Alice sends Bob 250.00. The client is told: " + told + ".");
    expect("the client was told", told.verdict(), Verdict.COMMITTED);
    expect("alice has", town.balance(Member.BANK_A, "alice"), alice - 25_000);
    expect("bob has", town.balance(Member.BANK_B, "bob"), bob + 25_000);
  }

  private void abort() throws IOException, InterruptedException {
    long alice = town.balance(Member.BANK_A, "alice");
    long bob = town.balance(Member.BANK_B, "bob");
    Told told = town.ask(Order.fromAliceToBob("insufficient", 5_000_000));
    terminal.line("Alice sends Bob 50,000.00. The client is told: " + told + ".");
    expect("the client was told", told.verdict(), Verdict.ABORTED);
    expect("alice has", town.balance(Member.BANK_A, "alice"), alice);
    expect("bob has", town.balance(Member.BANK_B, "bob"), bob);
  }

  /** The service knows plain addresses only: its sidecar has got them from the kernel. */
  private void destinations() throws IOException, InterruptedException {
    for (Member bank : List.of(Member.BANK_A, Member.BANK_B)) {
      long connections = town.connectionsTo(bank, Member.TRANSFERS);
      terminal.line(
          "transfers' sidecar took %d redirected connections to %s."
              .formatted(connections, town.at(bank)));
      if (connections == 0) {
        violations.add("no redirected connection to " + town.at(bank) + " (expected: some)");
      }
    }
  }

  private void expect(String what, Object found, Object expected) {
    if (!found.equals(expected)) {
      violations.add(what + " " + found + " (expected: " + expected + ")");
    }
  }
}
