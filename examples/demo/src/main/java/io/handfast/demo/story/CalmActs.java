package io.handfast.demo.story;

import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told.Verdict;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.util.List;

/** The acts in which services fail, but no sidecar does. */
final class CalmActs {

  private CalmActs() {}

  static List<Act> all() {
    return List.of(
        new Act("a transfer that commits", CalmActs::commits),
        new Act("insufficient funds", CalmActs::insufficientFunds),
        new Act("a bank that is down", CalmActs::bankDown),
        new Act("a slow bank, past the deadline", CalmActs::slowBank));
  }

  private static void commits(Scene scene) throws InterruptedException {
    scene.say(
        "Alice at bank-a sends Bob at bank-b 250.00. transfers asks bank-a for the money, which"
            + " asks audit, and bank-b for a place to put it; its sidecar holds the answer back"
            + " until all have voted and the decision is on disk.");
    scene.play(Order.fromAliceToBob("commits", 25_000), Verdict.COMMITTED, Member.TRANSFERS);
  }

  private static void insufficientFunds(Scene scene) throws InterruptedException {
    scene.say("Alice sends Bob 5,000.00, which she does not have.");
    scene.play(Order.fromAliceToBob("insufficient", 500_000), Verdict.ABORTED, Member.TRANSFERS);
  }

  private static void bankDown(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-b is killed, the service this time; its sidecar lives on. Alice sends Bob 100.00."
            + " bank-a has reserved and voted yes by the time that bank-b's part fails.");
    Town town = scene.town();
    town.service(Member.BANK_B).kill9();
    scene.play(Order.fromAliceToBob("bank-down", 10_000), Verdict.ABORTED, Member.BANK_A);
    town.service(Member.BANK_B).start();
    town.awaitService(Member.BANK_B);
  }

  private static void slowBank(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-b takes %d ms for a reservation, and a transfer has 3,000. When the bank reserves at"
                .formatted(Scene.PAST_DEADLINE_MS)
            + " last, nobody wants it any more: its sidecar cancels what it did.");
    scene.slow(Member.BANK_B, Scene.PAST_DEADLINE_MS, 0);
    scene.play(Order.fromAliceToBob("slow", 10_000), Verdict.ABORTED, Member.TRANSFERS);
    scene.slow(Member.BANK_B, 0, 0);
  }
}
