package io.handfast.demo.story;

import io.handfast.demo.story.Outage.Meanwhile;
import io.handfast.demo.story.Scene.UnderWay;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Order.Place;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told.Verdict;
import java.io.IOException;
import java.util.List;

/** The acts of the bank in plain SQL, in which a service's own COMMIT is its vote. */
final class PlainActs {
  private static final Act COMMITS = new Act("a transfer that commits", PlainActs::commits);
  private static final Act INSUFFICIENT =
      new Act("insufficient funds, and the other has committed", PlainActs::insufficient);
  private static final Act SLOW = new Act("a slow bank, past the deadline", PlainActs::slowBank);
  private static final Act BEFORE_DECISION =
      new Act("kill -9 of the coordinator before the decision", PlainActs::beforeDecision);
  private static final Act AFTER_DECISION =
      new Act("kill -9 of the coordinator after the decision", PlainActs::afterDecision);
  private static final Act WHILE_WORKING =
      new Act("kill -9 of a participant while its bank works", PlainActs::whileWorking);
  private static final Act AFTER_YES =
      new Act("kill -9 of a participant and of PostgreSQL", PlainActs::afterYes);

  private PlainActs() {}

  static List<Act> all() {
    return List.of(
        COMMITS, INSUFFICIENT, SLOW, BEFORE_DECISION, AFTER_DECISION, WHILE_WORKING, AFTER_YES);
  }

  /** Those that wait for no deadline. */
  static List<Act> quick() {
    return List.of(COMMITS, INSUFFICIENT, WHILE_WORKING, AFTER_YES);
  }

  private static void commits(Scene scene) throws InterruptedException {
    scene.say(
        "Alice at bank-a sends Bob at bank-b 250.00. transfers writes a row and commits it, bank-a"
            + " takes the money and commits, bank-b gives it and commits. Their sidecars make"
            + " PREPARE TRANSACTION of each COMMIT; when all is decided, on disk, they commit what"
            + " they prepared, and the client has its answer.");
    scene.play(Order.fromAliceToBob("commits", 25_000), Verdict.COMMITTED, Member.BANK_A);
  }

  private static void insufficient(Scene scene) throws InterruptedException {
    scene.say(
        "Bob sends Alice 5,000.00, which he does not have. bank-b says so when transfers has committed"
            + " its row and bank-a has given Alice the money, and neither has code to undo it.");
    Order order =
        new Order(
            "insufficient",
            new Place(Member.BANK_B, "bob"),
            new Place(Member.BANK_A, "alice"),
            500_000);
    scene.play(order, Verdict.ABORTED, Member.BANK_A);
  }

  private static void slowBank(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-b waits %d ms before it begins, and a transfer has 3,000. When the bank comes to its"
                .formatted(Scene.PAST_DEADLINE_MS)
            + " UPDATE at last, nobody wants it any more: its sidecar refuses the statement.");
    scene.slowPlain(Member.BANK_B, Scene.PAST_DEADLINE_MS, 0);
    scene.play(Order.fromAliceToBob("slow", 10_000), Verdict.ABORTED, Member.TRANSFERS);
    scene.slowPlain(Member.BANK_B, 0, 0);
  }

  private static void beforeDecision(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a has prepared and bank-b still works when the sidecar of transfers, which would"
            + " decide, is killed. No decision is on disk, and that is an answer: aborted.");
    Outage.BEFORE_DECISION.play(scene, "before-decision", Meanwhile.NOTHING);
  }

  private static void afterDecision(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "The sidecar of bank-a is killed after its yes, so that it cannot be told, and that of"
            + " transfers when the decision is on disk and the client has its answer. Restarted, it"
            + " finds its decision, and bank-a's its prepared transaction.");
    UnderWay transfer = scene.begin("after-decision", Member.BANK_B, Outage.WORKING_MS);
    scene.kill9(Member.BANK_A);
    scene.end(transfer, Verdict.COMMITTED, true);
    scene.kill9(Member.TRANSFERS);
    scene.slowWork(Member.BANK_B, 0);
    scene.restart(Member.TRANSFERS, Member.BANK_A);
    scene.awaitIdle(Member.TRANSFERS);
    scene.timeline(Member.TRANSFERS, transfer.txId());
  }

  private static void whileWorking(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a is between its UPDATE and its COMMIT when its own sidecar is killed, and with it the"
            + " bank's connection to PostgreSQL, which rolls back. There is nothing to undo.");
    Outage.whileWorking(Member.TRANSFERS).play(scene, "while-working", Meanwhile.NOTHING);
  }

  private static void afterYes(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "bank-a has prepared, and while bank-b works the sidecar of bank-a is killed. Its yes"
            + " counts: the transfer commits.");
    Outage.AFTER_YES.play(
        scene,
        "after-yes",
        txId -> {
          scene.expectPrepared(1);
          scene.show(Member.TRANSFERS, txId, "outcome      committed");
          scene.say(
              "PostgreSQL is killed as well. What it had prepared it still has when it is back;"
                  + " then comes the sidecar, finds it there and asks how it ended.");
          scene.loseDatabase();
          scene.expectPrepared(1);
        });
  }
}
