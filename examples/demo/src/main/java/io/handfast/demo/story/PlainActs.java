package io.handfast.demo.story;

import io.handfast.demo.town.Order;
import io.handfast.demo.town.Order.Place;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Future;

/** The acts of the bank in plain SQL, in which a service's own COMMIT is its vote. */
final class PlainActs {
  /** Longer than the deadline of the mesh's files, shorter than the bank's own timeout. */
  private static final long PAST_DEADLINE_MS = 3_300;

  /** Time enough to hit the bank while it works, and to spare until the deadline. */
  private static final long WORKING_MS = 600;

  private PlainActs() {}

  static List<Act> all() {
    return List.of(
        new Act("a transfer that commits", PlainActs::commits),
        new Act("one bank refuses, the other has committed", PlainActs::refused),
        new Act("kill -9 of a bank before its COMMIT", PlainActs::bankKilled),
        new Act("a slow bank, past the deadline", PlainActs::slowBank),
        new Act("kill -9 of the coordinator before the decision", PlainActs::beforeDecision),
        new Act("kill -9 of the coordinator after the decision", PlainActs::afterDecision),
        new Act("kill -9 of a participant while its bank works", PlainActs::whileWorking),
        new Act("kill -9 of a participant after its yes", PlainActs::afterYes));
  }

  private static void commits(Scene scene) throws InterruptedException {
    scene.say(
        "Alice at bank-a sends Bob at bank-b 250.00. transfers writes a row and commits it, bank-a"
            + " takes the money and commits, bank-b gives it and commits. Their sidecars make"
            + " PREPARE TRANSACTION of each COMMIT; when all is decided, on disk, they commit what"
            + " they prepared, and the client has its answer.");
    Order order = Order.fromAliceToBob("commits", 25_000);
    Told told = scene.ask(order);
    scene.expect(told, Verdict.COMMITTED);
    scene.expectInTheEnd(order, true);
    timeline(scene, told, Member.BANK_A);
  }

  private static void refused(Scene scene) throws InterruptedException {
    scene.say(
        "Alice sends Eve 100.00, whom bank-b does not know. It says so when transfers has committed"
            + " its row and bank-a has taken the money, and neither has code to undo it.");
    Order order =
        new Order(
            "refused", new Place(Member.BANK_A, "alice"), new Place(Member.BANK_B, "eve"), 10_000);
    Told told = scene.ask(order);
    scene.expect(told, Verdict.ABORTED);
    scene.expectInTheEnd(order, false);
    timeline(scene, told, Member.BANK_A);
  }

  private static void bankKilled(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-b is killed, the service this time, between its UPDATE and its COMMIT. What bank-a has"
            + " prepared is rolled back.");
    Town town = scene.town();
    scene.slowPlain(Member.BANK_B, 0, WORKING_MS);
    Order order = Order.fromAliceToBob("bank-killed", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_B);
    town.service(Member.BANK_B).kill9();
    Told told = scene.answerOf(asked);
    town.service(Member.BANK_B).start();
    scene.expect(told, Verdict.ABORTED);
    scene.expectInTheEnd(order, false);
    timeline(scene, told, Member.BANK_A);
    town.awaitService(Member.BANK_B);
  }

  private static void slowBank(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-b waits %d ms before it begins, and a transfer has 3,000. When the bank comes to its"
                .formatted(PAST_DEADLINE_MS)
            + " UPDATE at last, nobody wants it any more: its sidecar refuses the statement.");
    scene.slowPlain(Member.BANK_B, PAST_DEADLINE_MS, 0);
    Order order = Order.fromAliceToBob("slow", 10_000);
    Told told = scene.ask(order);
    scene.slowPlain(Member.BANK_B, 0, 0);
    scene.expect(told, Verdict.ABORTED);
    scene.expectInTheEnd(order, false);
    timeline(scene, told, Member.TRANSFERS);
  }

  private static void beforeDecision(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a has prepared and bank-b still works when the sidecar of transfers, which would"
            + " decide, is killed. No decision is on disk, and that is an answer: aborted.");
    scene.slowPlain(Member.BANK_B, 0, WORKING_MS);
    Order order = Order.fromAliceToBob("before-decision", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_B);
    String txId = scene.running();
    scene.kill9(Member.TRANSFERS);
    scene.expect(scene.answerOf(asked), Verdict.NOTHING);
    scene.slowPlain(Member.BANK_B, 0, 0);
    scene.restart(Member.TRANSFERS);
    scene.expectInTheEnd(order, false);
    scene.awaitIdle(Member.BANK_A);
    scene.timeline(Member.BANK_A, txId);
  }

  private static void afterDecision(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "The sidecar of bank-a is killed after its yes, so that it cannot be told, and that of"
            + " transfers when the decision is on disk and the client has its answer. Restarted, it"
            + " finds its decision, and bank-a's its prepared transaction.");
    scene.slowPlain(Member.BANK_B, WORKING_MS, 0);
    Order order = Order.fromAliceToBob("after-decision", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_B);
    String txId = scene.running();
    scene.kill9(Member.BANK_A);
    Told told = scene.answerOf(asked);
    scene.kill9(Member.TRANSFERS);
    scene.expect(told, Verdict.COMMITTED);
    scene.slowPlain(Member.BANK_B, 0, 0);
    scene.restart(Member.TRANSFERS, Member.BANK_A);
    scene.expectInTheEnd(order, true);
    scene.awaitIdle(Member.TRANSFERS);
    scene.timeline(Member.TRANSFERS, txId);
  }

  private static void whileWorking(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a is between its UPDATE and its COMMIT when its own sidecar is killed, and with it the"
            + " bank's connection to PostgreSQL, which rolls back. There is nothing to undo.");
    scene.slowPlain(Member.BANK_A, 0, WORKING_MS);
    Order order = Order.fromAliceToBob("while-working", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_A);
    String txId = scene.running();
    scene.kill9(Member.BANK_A);
    scene.expect(scene.answerOf(asked), Verdict.ABORTED);
    scene.slowPlain(Member.BANK_A, 0, 0);
    scene.restart(Member.BANK_A);
    scene.expectInTheEnd(order, false);
    scene.awaitIdle(Member.TRANSFERS);
    scene.timeline(Member.TRANSFERS, txId);
  }

  private static void afterYes(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a has prepared, and while bank-b works the sidecar of bank-a is killed. Its yes"
            + " counts: the transfer commits.");
    scene.slowPlain(Member.BANK_B, WORKING_MS, 0);
    Order order = Order.fromAliceToBob("after-yes", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_B);
    String txId = scene.running();
    scene.kill9(Member.BANK_A);
    scene.expect(scene.answerOf(asked), Verdict.COMMITTED);
    scene.slowPlain(Member.BANK_B, 0, 0);
    scene.sayPrepared();
    scene.restart(Member.BANK_A);
    scene.expectInTheEnd(order, true);
    scene.awaitIdle(Member.TRANSFERS);
    scene.timeline(Member.BANK_A, txId);
  }

  private static void timeline(Scene scene, Told told, Member member) throws InterruptedException {
    if (told.txId().isPresent()) {
      scene.timeline(member, told.txId().get());
    }
  }
}
