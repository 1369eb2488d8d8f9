package io.handfast.demo.story;

import io.handfast.demo.story.Books.Findings;
import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.DemoFailure;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Order.Place;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Plays the acts one after the other and looks at the money after each. */
public final class Story {
  private static final int REHEARSALS = 5;
  private static final int SHOWN_VIOLATIONS = 10;

  /**
   * An act that was played: what the clients were told and what was found after it.
   *
   * @param took until all was looked at
   */
  public record Played(
      String title, String told, Findings findings, List<String> violations, Duration took) {
    boolean wentWell() {
      return violations.isEmpty();
    }
  }

  private final Town town;
  private final Teller teller;
  private final Auditor auditor;
  private final Terminal terminal;

  public Story(Town town, Terminal terminal) {
    this.town = town;
    this.teller = new Teller(town);
    this.auditor = new Auditor(town, teller);
    this.terminal = terminal;
  }

  /** What is played in a town of that kind. */
  public static List<Act> acts(Settings settings, Kind kind) {
    List<Act> acts = new ArrayList<>();
    switch (kind) {
      case DATABASE -> acts.addAll(PlainActs.all());
      case CALLBACK -> {
        acts.addAll(CalmActs.all());
        // After the first, which tells what the same looks like over HTTP.
        acts.add(1, GrpcAct.act());
        acts.addAll(CrashActs.all());
      }
      case ETCD -> {
        return EtcdActs.all();
      }
    }
    acts.add(new StormAct(settings, kind).act());
    return acts;
  }

  /**
   * Lets one transfer of each sort go through every process before the story, for the first takes a
   * JVM longest. They are looked at like all others.
   */
  public void rehearse() throws InterruptedException {
    if (town.kind() == Kind.DATABASE) {
      rehearse("rehearsal-", teller::ask);
      return;
    }
    try (ExecutorService aside = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> byGrpc =
          aside.submit(() -> {
            rehearse("rehearsal-grpc-", teller::askByGrpc);
            return null;
          });
      rehearse("rehearsal-", teller::ask);
      byGrpc.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof DemoFailure failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  private interface Asking {
    Told ask(Order order) throws InterruptedException;
  }

  private void rehearse(String id, Asking asking) throws InterruptedException {
    for (int attempt = 1; attempt <= REHEARSALS; attempt++) {
      Order order =
          new Order(
              id + attempt, new Place(Member.BANK_A, "agnes"), new Place(Member.BANK_B, "beth"), 1);
      Told told = asking.ask(order);
      if (told.verdict() == Verdict.COMMITTED) {
        return;
      }
      terminal.line("A rehearsal did not commit: " + told + ".");
    }
    throw new DemoFailure("no transfer commits (expected: one of " + REHEARSALS + ")");
  }

  public List<Played> tell(List<Act> acts) throws IOException, InterruptedException {
    List<Played> played = new ArrayList<>();
    try (ExecutorService aside = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Act act : acts) {
        terminal.line("");
        terminal.line(terminal.bold("%2d  %s".formatted(played.size() + 1, act.title())));
        Scene scene = new Scene(town, teller, terminal, aside);
        long begun = System.nanoTime();
        act.script().play(scene);
        played.add(look(act, scene, begun));
      }
    }
    return played;
  }

  private Played look(Act act, Scene scene, long begun) throws IOException, InterruptedException {
    Findings findings = auditor.look();
    List<String> violations = new ArrayList<>(scene.violations());
    violations.addAll(findings.violations());
    terminal.paragraph(
        4,
        "After it: alice %s, bob %s, all accounts %s; in doubt %d, %s: %d."
            .formatted(
                balance(findings, "bank-a/alice"),
                balance(findings, "bank-b/bob"),
                Accounts.money(findings.total()),
                findings.inDoubt(),
                town.kind().open,
                findings.open()));
    violations.stream()
        .limit(SHOWN_VIOLATIONS)
        .forEach(violation -> terminal.paragraph(4, terminal.bad("WRONG: ") + violation));
    if (violations.size() > SHOWN_VIOLATIONS) {
      terminal.paragraph(4, "… and %d more.".formatted(violations.size() - SHOWN_VIOLATIONS));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    return new Played(act.title(), scene.told(), findings, violations, took);
  }

  private static String balance(Findings findings, String account) {
    return Accounts.money(findings.balances().getOrDefault(account, 0L));
  }
}
