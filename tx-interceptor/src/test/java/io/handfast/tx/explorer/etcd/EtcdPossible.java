package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.explorer.etcd.EtcdWorld.Kind;
import io.handfast.tx.explorer.search.World;
import java.util.ArrayList;
import java.util.List;

/** Collects what can happen in a world. Confined to one state. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class EtcdPossible {
  private final EtcdWorld world;
  private final List<World.Move> moves = new ArrayList<>();

  EtcdPossible(EtcdWorld world) {
    this.world = world;
  }

  List<World.Move> moves() {
    if (world.breach != null) {
      return moves;
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
      can(Kind.COLLECT_ABORT, 0, 0);
    }
    boolean quiet = moves.stream().allMatch(it -> it.fault() || isLife(it));
    for (Pod pod : world.pods) {
      timers(quiet, pod);
    }
    return moves;
  }

  /** What may be as late as it likes. */
  private static boolean isLife(World.Move move) {
    return switch ((Kind) move.kind()) {
      case RESTART, EXPIRE, WAKE, COLLECT_ABORT -> true;
      default -> false;
    };
  }

  private void can(Kind kind, int at, int which) {
    moves.add(new World.Move(kind, at, which, false));
  }

  private void might(int budget, Kind kind, int at, int which) {
    if (budget > 0) {
      moves.add(new World.Move(kind, at, which, true));
    }
  }

  private void mail(int index, Mail mail) {
    if (mail.kind() != Mail.Kind.VOTES || world.pods[mail.to()].up) {
      can(Kind.DELIVER, index, 0);
    }
    if (mail.kind().travels()) {
      might(world.drops, Kind.DROP, index, 0);
      if (mail.kind() != Mail.Kind.ANSWER) {
        might(world.duplicates, Kind.DUPLICATE, index, 0);
      }
    }
  }

  private void op(int index, Op op) {
    can(Kind.APPLY, index, 0);
    if (op.process() < 0 || !EtcdStep.hears(world, op)) {
      can(Kind.VANISH, index, 0);
      return;
    }
    if (op.kind() != Op.Kind.TRANSACTION_END) {
      might(world.doubts, Kind.UNHEARD, index, 0);
    }
    if (op.kind().writes() && op.kind() != Op.Kind.TRANSACTION_END) {
      might(world.doubts, Kind.ADRIFT, index, 0);
    }
  }

  private void pod(Pod pod) {
    if (!pod.up) {
      can(pod.leased ? Kind.EXPIRE : Kind.RESTART, pod.number, 0);
      return;
    }
    might(world.crashes, Kind.CRASH, pod.number, 0);
    if (pod.leased) {
      boolean busy = pod.branch != 0 || pod.coordinator != 0;
      might(busy ? world.expiries : 0, Kind.EXPIRE, pod.number, 0);
    } else {
      can(Kind.WAKE, pod.number, 0);
    }
  }

  private void claims(Pod pod) {
    int node = pod.node();
    int kind = world.etcd.record[node];
    boolean open = kind == Etcd.BEGUN || kind == Etcd.PREPARED;
    boolean alive = pod.up && pod.leased;
    if (alive && pod.branch == 0 && open && claims(world.etcd.owner[node])) {
      can(Kind.CLAIM_BRANCH, pod.number, 0);
    }
    boolean ofService = node == 0 && world.etcd.decision == Etcd.COMMIT;
    if (alive && pod.coordinator == 0 && ofService && claims(world.etcd.decisionOwner)) {
      can(Kind.CLAIM_DECISION, pod.number, 0);
    }
  }

  private boolean claims(int owner) {
    return world.conditions.claims(world.lives(owner), true);
  }

  private void services() {
    for (int i = 0; i < world.services.length; i++) {
      Tried service = world.services[i];
      if (service.trying && !service.working) {
        can(Kind.WORK, i, 0);
      }
      if (service.working && allAnswered(service)) {
        can(Kind.ANSWER, i, 0);
      }
    }
    for (Pod pod : world.pods) {
      if (pod.confirmSent) {
        can(Kind.CONFIRM, pod.number, 0);
      }
      if (pod.cancelSent) {
        can(Kind.CANCEL, pod.number, 0);
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
        timer(quiet, Kind.TIMER, pod.number, kind.ordinal());
      }
    }
    if (pod.toldBy != 0) {
      timer(quiet, Kind.PATIENCE, pod.number, 0);
    }
    for (var kind : io.handfast.tx.core.coordinator.TimerKind.values()) {
      boolean deadline = kind == io.handfast.tx.core.coordinator.TimerKind.DEADLINE;
      boolean runs = (pod.coordinatorTimers & 1 << kind.ordinal()) != 0;
      if (runs && !(deadline && world.model.bounds.early() < 0)) {
        timer(quiet, Kind.COORDINATOR_TIMER, pod.number, kind.ordinal());
      }
    }
    for (int i = 0; i < world.services.length; i++) {
      if ((pod.redeliver & 1 << i) != 0) {
        timer(quiet, Kind.REDELIVER, pod.number, i);
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

  private void timer(boolean quiet, Kind kind, int at, int which) {
    if (quiet) {
      can(kind, at, which);
    } else {
      might(world.early, kind, at, which);
    }
  }
}
