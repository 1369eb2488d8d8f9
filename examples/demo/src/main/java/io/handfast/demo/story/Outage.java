package io.handfast.demo.story;

import io.handfast.demo.story.Scene.UnderWay;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told.Verdict;
import java.io.IOException;

/**
 * A sidecar is killed while a bank works on a transfer, and started again when the client has its
 * answer: what the acts of either bank have in common.
 *
 * @param working the bank that works at that moment
 * @param victim whose sidecar is killed
 * @param told what the client must be told; what it says of a commit must be so in the end
 * @param shown whose sidecar's memory is shown
 */
record Outage(Member working, Member victim, Verdict told, Member shown) {
  /** Time enough to hit the bank while it works, and to spare until the deadline. */
  static final long WORKING_MS = 900;

  /** Of the coordinator, while the last vote is not in. */
  static final Outage BEFORE_DECISION =
      new Outage(Member.BANK_B, Member.TRANSFERS, Verdict.NOTHING, Member.BANK_A);

  /** Of a participant, after its own vote. */
  static final Outage AFTER_YES =
      new Outage(Member.BANK_B, Member.BANK_A, Verdict.COMMITTED, Member.BANK_A);

  /** Of a participant, before its vote. */
  static Outage whileWorking(Member shown) {
    return new Outage(Member.BANK_A, Member.BANK_A, Verdict.ABORTED, shown);
  }

  /** What happens between the client's answer and the sidecar's restart. */
  interface Meanwhile {
    /** Nothing. */
    Meanwhile NOTHING = txId -> {};

    void play(String txId) throws IOException, InterruptedException;
  }

  void play(Scene scene, String id, Meanwhile meanwhile) throws IOException, InterruptedException {
    UnderWay transfer = scene.begin(id, working, WORKING_MS);
    scene.kill9(victim);
    scene.end(transfer, told, told == Verdict.COMMITTED);
    scene.slowWork(working, 0);
    meanwhile.play(transfer.txId());
    scene.restart(victim);
    scene.awaitIdle(Member.TRANSFERS);
    scene.awaitIdle(shown);
    scene.timeline(shown, transfer.txId());
  }
}
