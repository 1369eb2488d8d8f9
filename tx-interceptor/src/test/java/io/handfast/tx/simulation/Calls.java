package io.handfast.tx.simulation;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.participant.ParticipantEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a sidecar's service on their way: requests, answers, votes. A caller that has died
 * since hears of nothing. Confined to the world.
 */
final class Calls {
  /** The client, as a life of who called. */
  static final int NOBODY = -1;

  private final Sidecar self;
  private final World world;
  private final int node;
  private final Host host;

  /** Child → its life when it was called. */
  private final Map<Integer, Integer> calls = new HashMap<>();

  private final Set<Integer> answered = new HashSet<>();
  private int callerLife;

  Calls(Sidecar self) {
    this.self = self;
    this.world = self.world;
    this.node = self.node();
    this.host = self.host();
  }

  /** Who called it, by that one's life. */
  void answersTo(int lifeOfCaller) {
    callerLife = lifeOfCaller;
  }

  /** Its service calls another. */
  void call(int child) {
    if (!self.isUp() || self.branch() == null) {
      world.services.get(node).callAnswered(child, false); // T5
      return;
    }
    Scenario.Node called = world.scenario.nodes().get(child);
    self.step(new ParticipantEvent.CallOpened(called.branch().id(), called.optional()));
  }

  /** The call may go. */
  void admitted(int child) {
    if (world.scenario.isBlock(child)) {
      host.running(child).block().begin(self);
      return;
    }
    Sidecar callee = world.sidecars.get(child);
    calls.put(child, callee.host().life());
    int lifeNow = host.life();
    world.deliver(
        host.number,
        callee.host().number,
        node + " → " + child + " request",
        () -> {
          if (host.life() == lifeNow
              && callee.isUp()
              && callee.host().life() == calls.getOrDefault(child, -1)
              && !callee.hasOpened()) {
            callee.open(lifeNow);
            if (world.answerIsLost()) {
              ended(child, lifeNow, "connection lost");
            }
          } else {
            ended(child, lifeNow, "no connection");
          }
        },
        () -> ended(child, lifeNow, "no connection"));
  }

  private void ended(int child, int lifeThen, @Nullable String failure) {
    world.onHost(
        host.number,
        node + " call to " + child + " ends",
        () -> {
          if (host.life() != lifeThen || !answered.add(child)) {
            return;
          }
          boolean optional = world.scenario.nodes().get(child).optional();
          self.step(
              new ParticipantEvent.CallEnded(
                  world.scenario.nodes().get(child).branch().id(), failure));
          if (failure != null || !optional) {
            world.services.get(node).callAnswered(child, failure == null);
          } else if (self.branch() == null) {
            world.services.get(node).callAnswered(child, false);
          }
        });
  }

  /** Another one has died. */
  void connectionLost(int other) {
    if (self.isUp() && calls.containsKey(other)) {
      ended(other, host.life(), "connection lost");
    }
  }

  /** Its answer to who called it. */
  void respond(boolean success, List<BranchVote> votes) {
    int parent = world.scenario.nodes().get(node).parent();
    Sidecar caller = world.sidecars.get(parent);
    int lifeOfCaller = callerLife;
    world.deliver(
        host.number,
        caller.host().number,
        node + " → " + parent + " answer " + success,
        () -> {
          if (!caller.isUp()
              || caller.host().life() != lifeOfCaller
              || caller.calls().answered.contains(node)) {
            return;
          }
          if (!votes.isEmpty()) {
            caller.step(new ParticipantEvent.CallVoted(self.facts().id(), votes));
          }
          caller.calls().ended(node, lifeOfCaller, success ? null : "failed");
        },
        () -> {
          if (caller.isUp()) {
            caller.calls().ended(node, lifeOfCaller, "connection lost");
          }
        });
  }

  /** Votes that no answer carries. */
  void sendVotes(List<BranchVote> votes, boolean complete) {
    int parent = world.scenario.nodes().get(node).parent();
    int lifeNow = host.life();
    int lifeOfCaller = callerLife;
    Sidecar caller = world.sidecars.get(parent);
    world.send(
        host.number,
        caller.host().number,
        node + " → " + parent + " votes",
        () -> {
          if (!caller.isUp() || caller.host().life() != lifeOfCaller || caller.branch() == null) {
            if (complete && host.life() == lifeNow) {
              self.step(new ParticipantEvent.VoteUnknown());
            }
          } else {
            caller.step(new ParticipantEvent.CallVoted(self.facts().id(), votes));
          }
        },
        () -> {
          if (complete && host.life() == lifeNow && self.branch() != null) {
            sendVotes(votes, true);
          }
        });
  }

  /** The branch has aborted, and never voted yes (T12). */
  void aborted() {
    ofBlocks(Block::ownerAborted);
  }

  /** The deadline has passed (T11). */
  void late() {
    ofBlocks(Block::late);
  }

  private void ofBlocks(Consumer<Block> word) {
    for (int child : world.scenario.childrenOf(node)) {
      if (world.scenario.isBlock(child)) {
        word.accept(host.running(child).block());
      }
    }
  }

  void crash() {
    calls.clear();
    answered.clear();
  }
}
