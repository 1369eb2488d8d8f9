package io.handfast.tx.explorer.block;

import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.explorer.Interner;
import io.handfast.tx.explorer.block.BlockWorld.Kind;
import io.handfast.tx.explorer.block.Sql.Stage;
import io.handfast.tx.explorer.search.Moves;
import io.handfast.tx.explorer.search.World;
import java.util.List;

/** Collects what can happen in a world. Confined to one state. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class BlockPossible {
  private final BlockWorld world;
  private final Moves moves = new Moves();

  BlockPossible(BlockWorld world) {
    this.world = world;
  }

  List<World.Move> moves() {
    if (world.breach != null) {
      return moves.all();
    }
    for (int i = 0; i < world.bag.size(); i++) {
      if (!world.bag.isRepeated(i)) {
        message(i, world.bag.get(i));
      }
    }
    for (int host = 0; host < BlockLayout.HOSTS; host++) {
      sidecar(host);
    }
    service(0);
    service(1);
    for (int i = 0; i < world.blocks.length; i++) {
      if (BlockLayout.isBlock(i)) {
        block(i, world.blocks[i]);
      }
    }
    for (int i = 0; i < world.actors.size(); i++) {
      statements(i, world.actors.get(i));
    }
    moves.might(world.sql, Kind.DATABASE_DIES, 0, 0);
    boolean quiet = moves.isQuiet(it -> it.kind() == Kind.RESTART);
    scans(quiet);
    timers(quiet);
    return moves.all();
  }

  private void message(int index, Mail mail) {
    moves.can(Kind.DELIVER, index, 0);
    boolean other =
        mail.kind() == Mail.Kind.OUTCOME
            && !world.up[mail.to()]
            && mail.to() == BlockLayout.BANK
            && BlockLayout.isBlock(mail.branch());
    if (other && world.up[BlockLayout.REPLICA]) {
      moves.can(Kind.DELIVER_TO_REPLICA, index, 0);
    }
    if (mail.kind().travels()) {
      moves.might(world.drops, Kind.DROP, index, 0);
      // A request that comes twice has the service work twice, on other blocks: DuplicatesTest.
      if (mail.kind() != Mail.Kind.ANSWER && mail.kind() != Mail.Kind.REQUEST) {
        moves.might(world.duplicates, Kind.DUPLICATE, index, 0);
      }
    }
  }

  private void sidecar(int host) {
    if (!world.up[host]) {
      moves.can(Kind.RESTART, host, 0);
      return;
    }
    moves.might(world.crashes, Kind.CRASH, host, 0);
    if (host == 0 && world.deciding != 0) {
      moves.can(Kind.FORCE, 0, 0);
      moves.might(world.crashes, Kind.CRASH_WITH_THE_DECISION_KEPT, 0, 0);
    }
    if (world.scans[host] != 0) {
      moves.can(Kind.SCANNED, host, 0);
    }
  }

  private void service(int service) {
    if (world.tries[service] == 1) {
      moves.can(Kind.WORK, service, 0);
      return;
    }
    if (world.tries[service] != 2) {
      return;
    }
    boolean failed = false;
    for (int child = 1; child < world.layout.branches(); child++) {
      int result = world.call(service, child);
      if (result == 1) {
        return;
      }
      failed |= result == 3;
    }
    moves.can(Kind.ANSWER, service, 0); // also where it makes nothing of a failure
    if (failed) {
      moves.can(Kind.ANSWER_THAT_IT_FAILED, service, 0);
    }
  }

  private void block(int branch, Sql block) {
    switch (block.stage) {
      case OPEN -> {
        moves.can(Kind.ASK, branch, 0);
        moves.might(world.sql, Kind.ROLL_BACK, branch, 0);
      }
      case ASKED -> moves.can(Kind.PREPARE, branch, 0);
      case PREPARING -> moves.can(Kind.ARRIVE, branch, 0);
      case ANSWERED -> moves.can(Kind.PREPARED, branch, 0);
      case NONE, OVER -> {}
    }
    if (block.stage != Stage.NONE && block.stage != Stage.OVER) {
      moves.might(world.sql, Kind.LOSE_CONNECTION, branch, 0);
    }
    if (block.adrift) {
      moves.can(Kind.ARRIVE, branch, 0);
      moves.can(Kind.VANISH, branch, 0);
    }
  }

  private void statements(int at, Actor actor) {
    if ((actor.sent & Actor.COMMIT) != 0) {
      moves.can(Kind.COMMIT_PREPARED, at, 0);
      moves.might(world.sql, Kind.UNHEARD, at, Actor.COMMIT);
    }
    if ((actor.sent & Actor.ROLLBACK) != 0) {
      moves.can(Kind.ROLLBACK_PREPARED, at, 0);
      moves.might(world.sql, Kind.UNHEARD, at, Actor.ROLLBACK);
    }
  }

  private void scans(boolean quiet) {
    for (int host = 0; host < BlockLayout.HOSTS; host++) {
      boolean needed = false;
      for (Actor actor : world.actors) {
        needed |=
            actor.host == host && BlockLayout.isBlock(actor.branch) && world.isToBeFound(actor);
      }
      if (needed && world.up[host] && world.scans[host] == 0) {
        moves.timer(quiet, world.earlyScans, Kind.SCAN, host, 0);
      }
    }
  }

  private void timers(boolean quiet) {
    for (int i = 0; i < world.actors.size(); i++) {
      Actor actor = world.actors.get(i);
      for (TimerKind kind : TimerKind.values()) {
        if ((actor.timers & 1 << kind.ordinal()) != 0 && mayFire(actor, kind)) {
          moves.timer(quiet, world.early, Kind.TIMER, i, kind.ordinal());
        }
      }
      if (actor.toldBy != 0 && actor.state != Interner.NONE) {
        moves.timer(quiet, world.early, Kind.PATIENCE, i, 0);
      }
    }
    for (io.handfast.tx.core.coordinator.TimerKind kind :
        io.handfast.tx.core.coordinator.TimerKind.values()) {
      boolean deadline = kind == io.handfast.tx.core.coordinator.TimerKind.DEADLINE;
      if ((world.coordinatorTimers & 1 << kind.ordinal()) != 0 && !(deadline && world.calm)) {
        moves.timer(quiet, world.early, Kind.COORDINATOR_TIMER, 0, kind.ordinal());
      }
    }
    for (int branch = 0; branch < world.layout.branches(); branch++) {
      if ((world.redeliver & 1 << branch) != 0) {
        moves.timer(quiet, world.early, Kind.REDELIVER, branch, 0);
      }
      for (int host = 0; host < BlockLayout.HOSTS; host++) {
        if ((world.unsaid[host] & 1 << branch) != 0) {
          moves.timer(quiet, world.early, Kind.TELL_CARRIED_OUT, host, branch);
        }
      }
    }
  }

  private boolean mayFire(Actor actor, TimerKind kind) {
    return switch (kind) {
      case TRY_TIMEOUT -> BlockLayout.isBlock(actor.branch) || world.tries[actor.branch] == 0;
      case DEADLINE -> !world.calm;
      default -> true;
    };
  }
}
