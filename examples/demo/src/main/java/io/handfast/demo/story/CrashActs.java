package io.handfast.demo.story;

import io.handfast.demo.story.Outage.Meanwhile;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The acts in which one sidecar is killed at a moment that hurts. */
final class CrashActs {

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
    Outage.BEFORE_DECISION.play(scene, "before-decision", Meanwhile.NOTHING);
  }

  private static void afterDecision(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "The decision is on disk and the client has its answer, while both banks take their time to"
            + " confirm. The sidecar of transfers is killed before it hears of either; restarted, it"
            + " finds its decision and tells them again.");
    scene.slow(Member.BANK_A, 0, Outage.WORKING_MS);
    scene.slow(Member.BANK_B, 0, Outage.WORKING_MS);
    Order order = Order.fromAliceToBob("after-decision", 10_000);
    Told told = scene.ask(order);
    scene.kill9(Member.TRANSFERS);
    scene.expect(told, Verdict.COMMITTED);
    scene.slow(Member.BANK_A, 0, 0);
    scene.slow(Member.BANK_B, 0, 0);
    scene.restart(Member.TRANSFERS);
    scene.expectInTheEnd(order, true);
    scene.awaitIdle(Member.TRANSFERS);
    scene.timeline(Member.TRANSFERS, told);
  }

  private static void whileReserving(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a is working on the reservation when its own sidecar is killed. The transfer aborts,"
            + " but the bank does not know: it reserves all the same.");
    Outage.whileWorking(Member.BANK_A)
        .play(
            scene,
            "while-reserving",
            txId -> {
              if (scene.reservesWithin(Member.BANK_A, Duration.ofSeconds(2))) {
                scene.say(
                    "bank-a now holds a reservation for nobody. Its sidecar, restarted, finds the"
                        + " record that it forced before the bank saw the request, waits as long as"
                        + " the request could have taken, and cancels.");
              }
            });
  }

  private static void afterYes(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a has voted yes, and while bank-b works the sidecar of bank-a is killed. Its yes"
            + " counts: the transfer commits. Restarted, the sidecar is in doubt, asks the"
            + " coordinator, and confirms.");
    Outage.AFTER_YES.play(scene, "after-yes", Meanwhile.NOTHING);
  }
}
