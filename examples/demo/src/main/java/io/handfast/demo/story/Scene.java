package io.handfast.demo.story;

import io.handfast.demo.town.Await;
import io.handfast.demo.town.ChildProcess;
import io.handfast.demo.town.DemoFailure;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Rest;
import io.handfast.demo.town.Sidecar;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** What an act may do, and what it expects to come of it. One act uses it, on one thread. */
final class Scene {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int SHOWN_MOMENTS = 14;

  /** Longer than the deadline of the mesh's files, shorter than the bank's own timeout. */
  static final long PAST_DEADLINE_MS = 3_300;

  private final Town town;
  private final Teller teller;
  private final Terminal terminal;
  private final ExecutorService aside;
  private final List<String> told = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<Order, Boolean> mustHappen = new LinkedHashMap<>();

  /**
   * A transfer at which a bank works while the act goes on.
   *
   * @param txId its transaction
   */
  record UnderWay(Order order, Future<Told> asked, String txId) {}

  Scene(Town town, Teller teller, Terminal terminal, ExecutorService aside) {
    this.town = town;
    this.teller = teller;
    this.terminal = terminal;
    this.aside = aside;
  }

  Town town() {
    return town;
  }

  Teller teller() {
    return teller;
  }

  void say(String text) {
    terminal.paragraph(4, text);
  }

  /** Asks for a transfer and waits for the answer. */
  Told ask(Order order) throws InterruptedException {
    return heard(teller.ask(order));
  }

  Told askByGrpc(Order order) {
    return heard(teller.askByGrpc(order));
  }

  /** Asks for a transfer, and shows what one sidecar remembers of it. */
  void play(Order order, Verdict expected, Member shown) throws InterruptedException {
    Told told = ask(order);
    expect(told, expected);
    expectInTheEnd(order, expected == Verdict.COMMITTED);
    timeline(shown, told);
  }

  /** Asks for a transfer of Alice's, and returns when that bank works on it, for so long. */
  UnderWay begin(String id, Member working, long workingMs)
      throws IOException, InterruptedException {
    slowWork(working, workingMs);
    Order order = Order.fromAliceToBob(id, 10_000);
    Future<Told> asked = askAside(order);
    awaitWaiting(working);
    return new UnderWay(order, asked, running());
  }

  /** Waits for the answer. */
  void end(UnderWay transfer, Verdict expected, boolean happened) throws InterruptedException {
    expect(answerOf(transfer.asked()), expected);
    expectInTheEnd(transfer.order(), happened);
  }

  /** Asks for a transfer while the act goes on. */
  Future<Told> askAside(Order order) {
    return aside.submit(() -> teller.ask(order));
  }

  Told answerOf(Future<Told> asked) throws InterruptedException {
    return heard(answerOfOne(asked));
  }

  /** The same, of one among many: nothing is said of it. */
  Told answerOfOne(Future<Told> asked) throws InterruptedException {
    try {
      return asked.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Told heard(Told answer) {
    told.add(answer.verdict().title);
    say("The client is told: " + answer + ".");
    return answer;
  }

  /** For the table, where one answer does not tell the act. */
  void summary(String text) {
    told.clear();
    told.add(text);
  }

  String told() {
    return String.join(", ", told);
  }

  void expect(Told answer, Verdict... allowed) {
    if (!List.of(allowed).contains(answer.verdict())) {
      List<String> titles = List.of(allowed).stream().map(verdict -> verdict.title).toList();
      violations.add(
          "the client was told " + answer + " (expected: " + String.join(" or ", titles) + ")");
    }
  }

  void expectInTheEnd(Order order, boolean happened) {
    mustHappen.put(order, happened);
  }

  /** Looks, once all is settled, whether what must have happened has. */
  List<String> violations() throws IOException, InterruptedException {
    for (Map.Entry<Order, Boolean> entry : mustHappen.entrySet()) {
      String path = "/transfers/" + entry.getKey().id();
      int port = town.ports().service(Member.TRANSFERS);
      String state = Auditor.state(town.kind(), town.rest().get(port, path));
      if (state.equals("CONFIRMED") != entry.getValue()) {
        violations.add(
            "transfer %s is %s (expected: %s)"
                .formatted(
                    entry.getKey().id(), state, entry.getValue() ? "CONFIRMED" : "not CONFIRMED"));
      }
    }
    return violations;
  }

  /** Makes a bank slow: milliseconds before it reserves, and before it confirms. */
  void slow(Member bank, long reserveMs, long confirmMs) throws IOException, InterruptedException {
    delay(
        bank, "{\"reserveBeforeMs\": %d, \"confirmBeforeMs\": %d}".formatted(reserveMs, confirmMs));
  }

  /** The same in plain SQL: before it begins, and between its work and COMMIT. */
  void slowPlain(Member bank, long beforeMs, long insideMs)
      throws IOException, InterruptedException {
    delay(bank, "{\"beforeMs\": %d, \"insideMs\": %d}".formatted(beforeMs, insideMs));
  }

  /** Makes a bank take so long before it says yes; in plain SQL between its work and COMMIT. */
  void slowWork(Member bank, long ms) throws IOException, InterruptedException {
    if (town.kind() == Kind.DATABASE) {
      slowPlain(bank, 0, ms);
    } else {
      slow(bank, ms, 0);
    }
  }

  /** Makes a bank take so long for each call, however it is written. */
  void slowEvery(Member bank, long ms) throws IOException, InterruptedException {
    if (town.kind() == Kind.DATABASE) {
      slowPlain(bank, ms, 0);
    } else {
      slow(bank, ms, ms);
    }
  }

  private void delay(Member bank, String body) throws IOException, InterruptedException {
    int port = town.ports().service(bank);
    Rest.Reply reply = town.rest().send(port, "PUT", "/admin/delays", body);
    if (reply.status() != 204) {
      throw new DemoFailure(bank.title + " answers " + reply.status() + " to PUT /admin/delays");
    }
  }

  private void awaitWaiting(Member bank) throws InterruptedException {
    Await.until(
        bank.title + " to work on the request",
        SOON,
        () -> {
          try {
            int port = town.ports().service(bank);
            return town.rest().get(port, "/admin/delays").body().path("waiting").asInt() > 0;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Waits until a bank holds a reservation that is neither confirmed nor cancelled. */
  boolean reservesWithin(Member bank, Duration time) throws InterruptedException {
    return Await.within(
        time,
        () -> {
          try {
            int port = town.ports().service(bank);
            return town.rest().get(port, "/reservations?state=RESERVED").body().size() > 0;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** The transaction that has begun last and not ended, at the coordinator. */
  private String running() throws InterruptedException {
    List<String> inFlight = town.sidecar(Member.TRANSFERS).inFlight();
    if (inFlight.isEmpty()) {
      throw new DemoFailure(
          "the sidecar of transfers has nothing in flight (expected: a transaction)");
    }
    return inFlight.getFirst();
  }

  void kill9(Member member) {
    ChildProcess process = town.sidecar(member).process();
    long pid = process.pid();
    process.kill9();
    say("kill -9 " + pid + ": the sidecar of " + member.title + " is gone.");
  }

  /** The pod of {@code transfers} dies for good, and the other is asked from now on. */
  void loseCoordinator() throws IOException {
    long pid = town.sidecar(Member.TRANSFERS).process().pid();
    town.loseTransfers();
    say("kill -9 " + pid + " and of its service, and its directory deleted: the pod is gone.");
  }

  /** The sidecar of the other pod takes over what the lost one left. */
  void expectTakenOver(Duration time) throws InterruptedException {
    if (!Await.within(time, () -> taken() > 0)) {
      violations.add(
          "the other pod has taken nothing over within %d s (expected: what the lost one left)"
              .formatted(time.toSeconds()));
    }
  }

  /** All sidecars have done what they owe. */
  void expectSettled(Duration time) throws InterruptedException {
    if (!Await.within(time, this::isSettled)) {
      violations.add(
          "transactions are in flight or in doubt after %d s (expected: none)"
              .formatted(time.toSeconds()));
    }
  }

  private boolean isSettled() throws InterruptedException {
    for (Sidecar sidecar : town.sidecars()) {
      if (sidecar.load().filter(load -> load.inFlight() == 0 && load.inDoubt() == 0).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private long taken() throws InterruptedException {
    return town.sidecar(Member.TRANSFERS).counter("handfast_etcd_claims_total");
  }

  void sayTaken(long sinceNanos) throws InterruptedException {
    say(
        "The other pod took over %d records; all was settled %.1f s after the loss."
            .formatted(taken(), (System.nanoTime() - sinceNanos) / 1e9));
  }

  void restart(Member... members) throws IOException, InterruptedException {
    for (Member member : members) {
      town.sidecar(member).process().start();
    }
    for (Member member : members) {
      town.sidecar(member).awaitReady();
    }
  }

  /** Shows what PostgreSQL holds prepared, as soon as that is so many. */
  void expectPrepared(int count) throws InterruptedException {
    if (!Await.within(SOON, () -> town.prepared().size() == count)) {
      violations.add(
          "%d are in pg_prepared_xacts (expected: %d)".formatted(town.prepared().size(), count));
    }
    List<String> gids = town.prepared();
    say(gids.isEmpty() ? "Nothing is in pg_prepared_xacts." : "In pg_prepared_xacts now:");
    gids.forEach(gid -> terminal.line(terminal.dim("    " + gid)));
  }

  /** PostgreSQL is killed, with all that it has started, and started again. */
  void loseDatabase() throws IOException, InterruptedException {
    say("kill -9 " + town.killDatabase() + ": PostgreSQL is gone.");
    town.restartDatabase();
  }

  /**
   * Shows what an operator is shown of a transaction, but for its timeline.
   *
   * @param expected what must stand there
   */
  void show(Member member, String txId, String expected) throws IOException, InterruptedException {
    String shown = town.txShow(member, txId);
    say("tx show of it at the sidecar of " + member.title + ":");
    shown
        .lines()
        .takeWhile(line -> !line.startsWith("timeline"))
        .filter(line -> !line.isBlank())
        .forEach(line -> terminal.line(terminal.dim("    " + line)));
    if (!shown.contains(expected)) {
      violations.add("tx show does not say \"" + expected + "\"");
    }
  }

  /** Waits until a sidecar has nothing left to do, so that its timeline is whole. */
  void awaitIdle(Member member) throws InterruptedException {
    Await.within(
        SOON, () -> town.sidecar(member).load().filter(load -> load.inFlight() == 0).isPresent());
  }

  /** The same of the transaction that an answer names. */
  void timeline(Member member, Told told) throws InterruptedException {
    if (told.txId().isPresent()) {
      timeline(member, told.txId().get());
    }
  }

  /** Shows what one sidecar remembers of a transaction. */
  void timeline(Member member, String txId) throws InterruptedException {
    List<Sidecar.Moment> moments = town.sidecar(member).timeline(txId);
    if (moments.isEmpty()) {
      say("The sidecar of " + member.title + " remembers nothing of " + txId + ".");
      return;
    }
    say("Transaction " + txId + " at the sidecar of " + member.title + ":");
    int skipped = Math.max(0, moments.size() - SHOWN_MOMENTS);
    for (int i = 0; i < moments.size(); i++) {
      if (i >= SHOWN_MOMENTS / 2 && i < SHOWN_MOMENTS / 2 + skipped) {
        continue;
      }
      Sidecar.Moment moment = moments.get(i);
      String line = "%7d ms  %-52s %s".formatted(moment.afterMs(), moment.event(), moment.state());
      terminal.line(terminal.dim("    " + line.stripTrailing()));
    }
  }
}
