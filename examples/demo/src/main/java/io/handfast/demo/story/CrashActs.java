package io.handfast.demo.story;

import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;

/** The acts in which one sidecar is killed at a moment that hurts. */
final class CrashActs {
  /** Time enough to hit the bank while it works, and to spare until the deadline. */
  private static final long WORKING_MS = 600;

  private CrashActs() {}

  static List<Act> all() {
    return List.of(
        new Act("kill -9 of the coordinator before the decision", CrashActs::beforeDecision),
        new Act("kill -9 of the coordinator after the decision", CrashActs::afterDecision),
        new Act("kill -9 of a participant while its bank reserves", CrashActs::whileReserving),
        new Act("kill -9 of a participant after its yes", CrashActs::afterYes));
  }

  private static void beforeDecision(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a has voted yes and bank-b still works when the sidecar of transfers, which would"
            + " decide, is killed. No decision is on disk, and that is an answer: aborted.");
    scene.slow(Member.BANK_B, WORKING_MS, 0);
    Order order = Order.fromAliceToBob("before-decision", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_B);
    String txId = scene.running();
    scene.kill9(Member.TRANSFERS);
    scene.expect(scene.answerOf(asked), Verdict.NOTHING);
    scene.slow(Member.BANK_B, 0, 0);
    scene.restart(Member.TRANSFERS);
    scene.expectInTheEnd(order, false);
    scene.awaitIdle(Member.BANK_A);
    scene.timeline(Member.BANK_A, txId);
  }

  private static void afterDecision(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "The decision is on disk and the client has its answer, while both banks take their time to"
            + " confirm. The sidecar of transfers is killed before it hears of either; restarted, it"
            + " finds its decision and tells them again.");
    scene.slow(Member.BANK_A, 0, WORKING_MS);
    scene.slow(Member.BANK_B, 0, WORKING_MS);
    Order order = Order.fromAliceToBob("after-decision", 10_000);
    Told told = scene.ask(order);
    scene.kill9(Member.TRANSFERS);
    scene.expect(told, Verdict.COMMITTED);
    scene.slow(Member.BANK_A, 0, 0);
    scene.slow(Member.BANK_B, 0, 0);
    scene.restart(Member.TRANSFERS);
    scene.expectInTheEnd(order, true);
    scene.awaitIdle(Member.TRANSFERS);
    if (told.txId().isPresent()) {
      scene.timeline(Member.TRANSFERS, told.txId().get());
    }
  }

  private static void whileReserving(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a is working on the reservation when its own sidecar is killed. The transfer aborts,"
            + " but the bank does not know: it reserves all the same.");
    scene.slow(Member.BANK_A, WORKING_MS, 0);
    Order order = Order.fromAliceToBob("while-reserving", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_A);
    String txId = scene.running();
    scene.kill9(Member.BANK_A);
    scene.expect(scene.answerOf(asked), Verdict.ABORTED);
    if (scene.reservesWithin(Member.BANK_A, Duration.ofSeconds(2))) {
      scene.say(
          "bank-a now holds a reservation for nobody. Its sidecar, restarted, finds the record that"
              + " it forced before the bank saw the request, waits as long as the request could"
              + " have taken, and cancels.");
    }
    scene.slow(Member.BANK_A, 0, 0);
    scene.restart(Member.BANK_A);
    scene.expectInTheEnd(order, false);
    scene.awaitIdle(Member.BANK_A);
    scene.timeline(Member.BANK_A, txId);
  }

  private static void afterYes(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a has voted yes, and while bank-b works the sidecar of bank-a is killed. Its yes"
            + " counts: the transfer commits. Restarted, the sidecar is in doubt, asks the"
            + " coordinator, and confirms.");
    scene.slow(Member.BANK_B, WORKING_MS, 0);
    Order order = Order.fromAliceToBob("after-yes", 10_000);
    Future<Told> asked = scene.askAside(order);
    scene.awaitWaiting(Member.BANK_B);
    String txId = scene.running();
    scene.kill9(Member.BANK_A);
    scene.expect(scene.answerOf(asked), Verdict.COMMITTED);
    scene.slow(Member.BANK_B, 0, 0);
    scene.restart(Member.BANK_A);
    scene.expectInTheEnd(order, true);
    scene.awaitIdle(Member.BANK_A);
    scene.timeline(Member.BANK_A, txId);
  }
}
