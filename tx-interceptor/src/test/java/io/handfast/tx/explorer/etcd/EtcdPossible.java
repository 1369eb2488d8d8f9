package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.explorer.etcd.EtcdWorld.Kind;
import io.handfast.tx.explorer.search.Moves;
import io.handfast.tx.explorer.search.World;
import java.util.List;

/** Collects what can happen in a world. Confined to one state. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class EtcdPossible {
  private final EtcdWorld world;
  private final Moves moves = new Moves();

  EtcdPossible(EtcdWorld world) {
    this.world = world;
  }

  List<World.Move> moves() {
    if (world.breach != null) {
      return moves.all();
    }
    for (int i = 0; i < world.bag.size(); i++) {
      if (!world.bag.isRepeated(i)) {
        mail(i, world.bag.get(i));
      }
    }
    for (int i = 0; i < world.ops.size(); i++) {
      if (!world.ops.isRepeated(i)) {
        op(i, world.ops.get(i));
      }
    }
    for (Pod pod : world.pods) {
      pod(pod);
      claims(pod);
    }
    services();
    if (world.etcd.decision == Etcd.ABORT && world.conditions.collects(world.lives(0))) {
      moves.can(Kind.COLLECT_ABORT, 0, 0);
    }
    boolean quiet = moves.isQuiet(EtcdPossible::isLife);
    for (Pod pod : world.pods) {
      timers(quiet, pod);
    }
    return moves.all();
  }

  /** What may be as late as it likes. */
  private static boolean isLife(World.Move move) {
    return switch ((Kind) move.kind()) {
      case RESTART, EXPIRE, WAKE, COLLECT_ABORT -> true;
      default -> false;
    };
  }

  private void mail(int index, Mail mail) {
    if (mail.kind() != Mail.Kind.VOTES || world.pods[mail.to()].up) {
      moves.can(Kind.DELIVER, index, 0);
    }
    if (mail.kind().travels()) {
      moves.might(world.drops, Kind.DROP, index, 0);
      if (mail.kind() != Mail.Kind.ANSWER) {
        moves.might(world.duplicates, Kind.DUPLICATE, index, 0);
      }
    }
  }

  private void op(int index, Op op) {
    moves.can(Kind.APPLY, index, 0);
    if (op.process() < 0 || !EtcdStep.hears(world, op)) {
      moves.can(Kind.VANISH, index, 0);
      return;
    }
    if (op.kind() != Op.Kind.TRANSACTION_END) {
      moves.might(world.doubts, Kind.UNHEARD, index, 0);
    }
    if (op.kind().writes() && op.kind() != Op.Kind.TRANSACTION_END) {
      moves.might(world.doubts, Kind.ADRIFT, index, 0);
    }
  }

  private void pod(Pod pod) {
    if (!pod.up) {
      moves.can(pod.leased ? Kind.EXPIRE : Kind.RESTART, pod.number, 0);
      return;
    }
    moves.might(world.crashes, Kind.CRASH, pod.number, 0);
    if (pod.leased) {
      boolean busy = pod.branch != 0 || pod.coordinator != 0;
      moves.might(busy ? world.expiries : 0, Kind.EXPIRE, pod.number, 0);
    } else {
      moves.can(Kind.WAKE, pod.number, 0);
    }
  }

  private void claims(Pod pod) {
    int node = pod.node();
    int kind = world.etcd.record[node];
    boolean open = kind == Etcd.BEGUN || kind == Etcd.PREPARED;
    boolean alive = pod.up && pod.leased;
    if (alive && pod.branch == 0 && open && claims(world.etcd.owner[node])) {
      moves.can(Kind.CLAIM_BRANCH, pod.number, 0);
    }
    boolean ofService = node == 0 && world.etcd.decision == Etcd.COMMIT;
    if (alive && pod.coordinator == 0 && ofService && claims(world.etcd.decisionOwner)) {
      moves.can(Kind.CLAIM_DECISION, pod.number, 0);
    }
  }

  private boolean claims(int owner) {
    return world.conditions.claims(world.lives(owner), true);
  }

  private void services() {
    for (int i = 0; i < world.services.length; i++) {
      Tried service = world.services[i];
      if (service.trying && !service.working) {
        moves.can(Kind.WORK, i, 0);
      }
      if (service.working && allAnswered(service)) {
        moves.can(Kind.ANSWER, i, 0);
      }
    }
    for (Pod pod : world.pods) {
      if (pod.confirmSent) {
        moves.can(Kind.CONFIRM, pod.number, 0);
      }
      if (pod.cancelSent) {
        moves.can(Kind.CANCEL, pod.number, 0);
      }
    }
  }

  private boolean allAnswered(Tried service) {
    for (int i = 1; i < world.services.length; i++) {
      if (service.call(i) < 2) {
        return false;
      }
    }
    return true;
  }

  private void timers(boolean quiet, Pod pod) {
    for (TimerKind kind : TimerKind.values()) {
      if ((pod.timers & 1 << kind.ordinal()) != 0 && mayFire(pod, kind)) {
        moves.timer(quiet, world.early, Kind.TIMER, pod.number, kind.ordinal());
      }
    }
    if (pod.toldBy != 0) {
      moves.timer(quiet, world.early, Kind.PATIENCE, pod.number, 0);
    }
    for (var kind : io.handfast.tx.core.coordinator.TimerKind.values()) {
      boolean deadline = kind == io.handfast.tx.core.coordinator.TimerKind.DEADLINE;
      boolean runs = (pod.coordinatorTimers & 1 << kind.ordinal()) != 0;
      if (runs && !(deadline && world.model.bounds.early() < 0)) {
        moves.timer(quiet, world.early, Kind.COORDINATOR_TIMER, pod.number, kind.ordinal());
      }
    }
    for (int i = 0; i < world.services.length; i++) {
      if ((pod.redeliver & 1 << i) != 0) {
        moves.timer(quiet, world.early, Kind.REDELIVER, pod.number, i);
      }
    }
  }

  /** The Try's timeout is longer than the Try takes, or T17 promises nothing. */
  private boolean mayFire(Pod pod, TimerKind kind) {
    if (kind == TimerKind.TRY_TIMEOUT && world.services[pod.node()].trying) {
      return false;
    }
    return kind != TimerKind.DEADLINE || world.model.bounds.early() >= 0;
  }
}
