package io.handfast.demo.story;

import io.handfast.demo.story.Scene.UnderWay;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/**
 * The acts in which decisions and branch records are in etcd, and the coordinator's pod dies for
 * good: its processes are killed and its directory is deleted. {@code transfers} has another pod.
 */
final class EtcdActs {
  private static final int TRANSFERS = 8;

  /** Time enough to kill the pod before the banks have done what it told them. */
  private static final long CONFIRMING_MS = 1_200;

  /** The lease of a sidecar that is silent, and a transaction's deadline, with room to spare. */
  private static final Duration SECONDS = Duration.ofSeconds(15);

  private EtcdActs() {}

  static List<Act> all() {
    return List.of(
        new Act("the coordinator's pod lost after its decisions", EtcdActs::afterDeciding),
        new Act("the coordinator's pod lost before its decision", EtcdActs::undecided));
  }

  private static void afterDeciding(Scene scene) throws IOException, InterruptedException {
    scene.say(
        TRANSFERS
            + " transfers are decided, in etcd, and the clients have their answers, while both"
            + " banks take their time to confirm. The pod of transfers is gone for good before it"
            + " hears of any; the other pod takes up what it owed.");
    scene.town().startOther();
    scene.slow(Member.BANK_A, 0, CONFIRMING_MS);
    scene.slow(Member.BANK_B, 0, CONFIRMING_MS);
    List<Order> orders = new ArrayList<>();
    List<Future<Told>> asked = new ArrayList<>();
    for (int i = 1; i <= TRANSFERS; i++) {
      Order order = Order.fromAliceToBob("decided-" + i, 1_000);
      orders.add(order);
      asked.add(scene.askAside(order));
    }
    for (Future<Told> each : asked) {
      scene.expect(scene.answerOfOne(each), Verdict.COMMITTED);
    }
    scene.summary(TRANSFERS + " times committed");
    scene.loseCoordinator();
    long lost = System.nanoTime();
    scene.slow(Member.BANK_A, 0, 0);
    scene.slow(Member.BANK_B, 0, 0);
    scene.expectTakenOver(SECONDS);
    scene.expectSettled(SECONDS);
    scene.sayTaken(lost);
    for (Order order : orders) {
      scene.expectInTheEnd(order, true);
    }
  }

  private static void undecided(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "A blank pod comes in the place of the lost one. bank-a has voted yes and bank-b still"
            + " works when the pod that coordinates now is lost, for good as well. The banks'"
            + " sidecars write ABORT into etcd at their deadline, so that nobody can decide"
            + " otherwise; what transfers has done is undone by the blank pod.");
    scene.town().startOther();
    UnderWay transfer = scene.begin("undecided", Member.BANK_B, Outage.WORKING_MS);
    scene.loseCoordinator();
    long lost = System.nanoTime();
    scene.end(transfer, Verdict.NOTHING, false);
    scene.slowWork(Member.BANK_B, 0);
    scene.expectTakenOver(SECONDS);
    scene.expectSettled(SECONDS);
    scene.sayTaken(lost);
    scene.timeline(Member.BANK_A, transfer.txId());
  }
}
