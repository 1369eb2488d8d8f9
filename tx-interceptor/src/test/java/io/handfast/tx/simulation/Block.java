package io.handfast.tx.simulation;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.simulation.Service.Effect;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block of SQL of a service at the sidecar through which it is connected, as the engine and the
 * session drive one: to the service's branch a call, until it is prepared, which the database keeps
 * and no sidecar. Confined to the world.
 */
final class Block {
  private enum Stage {
    NONE,
    OPEN,

    /** COMMIT has come, and PREPARE has not been sent. */
    ASKED,
    PREPARING,
    OVER
  }

  private final Sidecar self;
  private final World world;
  private final int node;
  private Stage stage = Stage.NONE;
  private @Nullable Sidecar caller;

  /** Its service's branch has aborted: COMMIT is answered with that. */
  private boolean doomed;

  /** Nothing comes from the database any more. */
  private boolean broken;

  /** Nothing that was sent arrives there. */
  private boolean severed;

  Block(Sidecar self) {
    this.self = self;
    this.world = self.world;
    this.node = self.node();
  }

  /** What the database has of it. */
  Service transaction() {
    return world.services.get(node);
  }

  Database database() {
    return world.databases.get(world.scenario.hostOf(node));
  }

  /** Whether the branch of its service waits for it: no scan may take it up. */
  boolean isAwaited() {
    return stage != Stage.NONE && stage != Stage.OVER && caller != null && caller.branch() != null;
  }

  /** The service's first statement is let through. */
  void begin(Sidecar service) {
    caller = service;
    stage = Stage.OPEN;
    if (database().isDown()) {
      connectionBroke();
      return;
    }
    if (world.random.nextInt(4) == 0) {
      tellService(true); // it answers, and leaves the rest to another thread
    }
    onConnection(" asks for COMMIT", this::commit);
  }

  private void onConnection(String what, Runnable action) {
    if (self.isUp()) {
      world.onHost(self.host().number, node + what, action);
    }
  }

  private void commit() {
    if (stage != Stage.OPEN) {
      return;
    }
    if (doomed) {
      fail("its branch was aborted");
      return;
    }
    if (!world.serviceFails()) {
      world.asked.add(node);
      stage = Stage.ASKED;
      onConnection(" has its xid", this::prepare);
      return;
    }
    switch (world.random.nextInt(4)) {
      case 0 -> nothingLeft(world.random.nextBoolean()); // the service rolls back
      case 1 -> nothingLeft(true); // nothing was written
      case 2 -> connectionBroke();
      default -> {
        world.asked.add(node);
        fail("PREPARE was refused");
      }
    }
  }

  private void prepare() {
    if (stage != Stage.ASKED) {
      return;
    }
    if (world.answerIsLost()) {
      connectionBroke();
      return;
    }
    stage = Stage.PREPARING;
    if (world.answerIsLost()) {
      broken = true;
      severed = world.random.nextBoolean();
      onConnection(" loses its connection", this::connectionBroke);
    }
    int life = database().life();
    world.outside(node + " PREPARE TRANSACTION", () -> arrives(life));
  }

  /** Whoever has died since. */
  private void arrives(int life) {
    if (severed || database().life() != life) {
      rollBack();
      return;
    }
    transaction().is(Effect.RESERVED);
    for (Host host : world.hosts) {
      if (world.scenario.serviceOf(host.number) == world.scenario.hostOf(node)) {
        host.scanner.later();
      }
    }
    if (!broken) {
      onConnection(" is prepared", this::prepared);
    }
  }

  private void rollBack() {
    if (transaction().effect() == Effect.NONE) {
      transaction().is(Effect.CANCELLED);
    }
  }

  /** It is durable in the database, so the service is told that it has committed. */
  private void prepared() {
    Sidecar service = caller;
    if (stage != Stage.PREPARING || service == null) {
      return;
    }
    stage = Stage.OVER;
    machine();
    if (service.isOpen()) {
      world.votedYes.add(node);
      ended(world.scenario.yes(node), null);
    } else {
      self.step(new ParticipantEvent.Told(Outcome.ABORT, false)); // it has never voted
    }
    tellService(true);
  }

  /** A scan may have found it first. */
  private void machine() {
    if (self.branch() == null) {
      self.begin(self.machine().facts(), new ParticipantEvent.PreparedInResource());
    }
  }

  void databaseDied() {
    if (stage == Stage.OPEN || stage == Stage.ASKED || stage == Stage.PREPARING) {
      if (stage != Stage.PREPARING) {
        rollBack();
      }
      broken = true;
      onConnection(" loses its connection", this::connectionBroke);
    }
  }

  private void connectionBroke() {
    switch (stage) {
      case OPEN -> {
        world.asked.add(node); // on a dead connection, and its service may go on
        if (world.machines.failsWhenLostOpen()) {
          fail("the connection was lost before COMMIT");
        } else {
          nothingLeft(false);
        }
      }
      case ASKED -> {
        if (world.machines.failsWhenLost()) {
          fail("the connection was lost behind COMMIT");
        } else {
          nothingLeft(false);
        }
      }
      case PREPARING -> {
        stage = Stage.OVER;
        ended(null, "the connection was lost behind PREPARE");
        machine();
        self.step(new ParticipantEvent.Told(Outcome.ABORT, false));
        tellService(false);
      }
      case NONE, OVER -> {}
    }
  }

  private void nothingLeft(boolean answer) {
    stage = Stage.OVER;
    rollBack();
    ended(self.facts().vote(Vote.READ_ONLY, ""), null);
    tellService(answer);
  }

  private void fail(String why) {
    stage = Stage.OVER;
    rollBack();
    ended(null, why);
    tellService(false);
  }

  private void ended(@Nullable BranchVote vote, @Nullable String failure) {
    Sidecar service = caller;
    if (service == null) {
      return;
    }
    if (vote != null) {
      service.step(new ParticipantEvent.CallVoted(self.facts().id(), List.of(vote)));
    }
    service.step(new ParticipantEvent.CallEnded(self.facts().id(), failure));
  }

  private void tellService(boolean success) {
    world.services.get(world.scenario.nodes().get(node).parent()).callAnswered(node, success);
  }

  /** The deadline of its service's branch has passed (T11). */
  void late() {
    if (isAwaited() && caller != null && caller.isOpen()) {
      ended(null, "no COMMIT by the deadline");
    }
  }

  /** Its service's branch has aborted, and has not voted (T12). */
  void ownerAborted() {
    if (self.branch() != null) {
      self.step(new ParticipantEvent.Told(Outcome.ABORT, false));
    }
    doomed = true;
  }

  void crash() {
    switch (stage) {
      case OPEN, ASKED -> rollBack();
      case PREPARING -> severed = world.random.nextBoolean();
      case NONE, OVER -> {}
    }
    if (stage != Stage.NONE) {
      stage = Stage.OVER;
      broken = true;
    }
    caller = null;
  }
}
