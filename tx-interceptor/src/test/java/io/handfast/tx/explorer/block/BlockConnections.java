package io.handfast.tx.explorer.block;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.explorer.Interner;
import io.handfast.tx.explorer.block.BlockWorld.Kind;
import io.handfast.tx.explorer.block.Sql.Stage;
import io.handfast.tx.explorer.block.Sql.Status;

/** The database, and who is connected to it. Confined to one move. */
final class BlockConnections {
  private final BlockStep step;
  private final BlockWorld world;

  BlockConnections(BlockStep step) {
    this.step = step;
    this.world = step.world;
  }

  void take(Kind kind, int at, int which) {
    switch (kind) {
      case ASK -> ask(at);
      case ROLL_BACK -> {
        world.sql--;
        nothingLeft(at);
      }
      case PREPARE -> world.blocks[at].stage = Stage.PREPARING;
      case ARRIVE -> arrive(world.blocks[at]);
      case PREPARED -> prepared(at);
      case VANISH -> {
        world.blocks[at].adrift = false;
        world.blocks[at].rollBack();
      }
      case LOSE_CONNECTION -> {
        world.sql--;
        boolean sent = world.blocks[at].stage == Stage.PREPARING;
        connectionLost(at);
        world.blocks[at].adrift = sent;
      }
      case DATABASE_DIES -> die();
      case COMMIT_PREPARED -> complete(world.actors.get(at), Actor.COMMIT, true);
      case ROLLBACK_PREPARED -> complete(world.actors.get(at), Actor.ROLLBACK, true);
      case UNHEARD -> {
        world.sql--;
        complete(world.actors.get(at), which, false);
      }
      default -> throw new AssertionError(kind + " (expected: what comes to a database)");
    }
  }

  /** The service's first statement. */
  void begin(int branch) {
    world.blocks[branch].stage = Stage.OPEN;
    world.blocks[branch].status = Status.IN_PROGRESS;
  }

  private void ask(int branch) {
    Sql block = world.blocks[branch];
    if (block.doomed) {
      fail(branch, "its branch was aborted");
    } else {
      block.asked = true;
      block.stage = Stage.ASKED;
    }
  }

  private void arrive(Sql block) {
    block.status = Status.PREPARED;
    block.adrift = false;
    if (block.stage == Stage.PREPARING) {
      block.stage = Stage.ANSWERED;
    }
  }

  private void prepared(int branch) {
    world.blocks[branch].stage = Stage.OVER;
    step.machines.prepared(branch);
  }

  private void connectionLost(int branch) {
    switch (world.blocks[branch].stage) {
      case OPEN -> {
        world.blocks[branch].asked = true; // on a dead connection, and its service goes on
        if (world.model.machines.failsWhenLostOpen()) {
          fail(branch, "the connection was lost before COMMIT");
        } else {
          nothingLeft(branch);
        }
      }
      case ASKED -> {
        if (world.model.machines.failsWhenLost()) {
          fail(branch, "the connection was lost behind COMMIT");
        } else {
          nothingLeft(branch);
        }
      }
      case PREPARING, ANSWERED -> {
        world.blocks[branch].stage = Stage.OVER;
        step.machines.lost(branch);
      }
      case NONE, OVER -> {}
    }
  }

  private void nothingLeft(int branch) {
    world.blocks[branch].stage = Stage.OVER;
    world.blocks[branch].rollBack();
    step.machines.nothingLeft(branch);
  }

  private void fail(int branch, String why) {
    world.blocks[branch].stage = Stage.OVER;
    world.blocks[branch].rollBack();
    step.machines.failed(branch, why);
  }

  /** What is prepared is there when it is back, which is at once. */
  private void die() {
    world.sql--;
    for (int i = 0; i < world.blocks.length; i++) {
      connectionLost(i);
      world.blocks[i].adrift = false;
      world.blocks[i].rollBack();
    }
    for (Actor actor : world.actors) {
      boolean waits = actor.waits != 0;
      actor.sent = 0;
      actor.waits = 0;
      if (waits) {
        step.machines.step(actor, new ParticipantEvent.CompletionFailed("the database died"));
      }
    }
  }

  /** PREPARE that is on its way may arrive all the same. */
  void sidecarDied(Sql block) {
    switch (block.stage) {
      case OPEN, ASKED -> block.rollBack();
      case PREPARING -> block.adrift = true;
      case NONE, ANSWERED, OVER -> {}
    }
    if (block.stage != Stage.NONE) {
      block.stage = Stage.OVER;
    }
  }

  private void complete(Actor actor, int statement, boolean heard) {
    actor.sent &= ~statement;
    Sql block = world.blocks[actor.branch];
    Status wanted = statement == Actor.COMMIT ? Status.COMMITTED : Status.ROLLED_BACK;
    if (block.status == Status.PREPARED) {
      BlockPromises.completes(world, actor.branch, statement == Actor.COMMIT);
      block.status = wanted;
    }
    if (actor.waits != statement) {
      return;
    }
    actor.waits = 0;
    if (!heard || block.status == Status.IN_PROGRESS) {
      step.machines.step(actor, new ParticipantEvent.CompletionFailed("not now"));
    } else if (block.status == wanted) {
      step.machines.completed(actor, statement == Actor.COMMIT);
    } else {
      step.machines.contradicted(actor, statement == Actor.COMMIT);
    }
  }

  // What is found

  void scan(int host) {
    int found = 0;
    for (int i = 0; i < world.blocks.length; i++) {
      found |= world.blocks[i].status == Status.PREPARED ? 1 << i : 0;
    }
    world.scans[host] = found + 1;
  }

  void scanned(int host) {
    int found = world.scans[host] - 1;
    world.scans[host] = 0;
    for (Actor actor : world.actors) {
      if (actor.host != host || !BlockLayout.isBlock(actor.branch)) {
        continue;
      }
      boolean there = (found & 1 << actor.branch) != 0;
      boolean here = world.layout.home(actor.branch) == host && world.isAwaited(actor.branch);
      if (there && actor.state == Interner.NONE && !here) {
        step.machines.takeUp(actor, 1);
        actor.taken = true;
      } else if (!there && world.isToBeFound(actor)) {
        step.machines.endedElsewhere(actor);
      }
    }
  }

  /** An outcome of what nobody here knows (T16): what is known then of how it ended. */
  boolean hasEnded(int branch, Outcome outcome) {
    Status status = world.blocks[branch].status;
    boolean ended = status == Status.COMMITTED || status == Status.ROLLED_BACK;
    if (ended && (status == Status.COMMITTED) != (outcome == Outcome.COMMIT)) {
      world.breach("block " + branch + " is told " + outcome + " and is " + status);
    }
    return ended;
  }
}
