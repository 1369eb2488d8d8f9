package io.handfast.demo.story;

import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;

/** The act in which transfers, and what they ask of the banks, go over gRPC. */
final class GrpcAct {
  private GrpcAct() {}

  static Act act() {
    return new Act("over gRPC: one that commits, one that aborts", GrpcAct::play);
  }

  private static void play(Scene scene) throws InterruptedException {
    scene.say(
        "The same services over gRPC. Alice sends Bob 125.00: transfers asks both banks over gRPC,"
            + " and bank-a asks audit over HTTP, all in one transaction.");
    Order commits = Order.fromAliceToBob("grpc-commits", 12_500);
    Told committed = scene.askByGrpc(commits);
    scene.expect(committed, Verdict.COMMITTED);
    scene.expectInTheEnd(commits, true);
    scene.timeline(Member.BANK_B, committed);
    scene.say("She sends Bob 5,000.00, which she does not have.");
    Order aborts = Order.fromAliceToBob("grpc-insufficient", 500_000);
    scene.expect(scene.askByGrpc(aborts), Verdict.ABORTED);
    scene.expectInTheEnd(aborts, false);
  }
}
