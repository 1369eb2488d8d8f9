package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.explorer.Bag;
import io.handfast.tx.explorer.ClientTold;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.etcd.Tried.Effect;
import io.handfast.tx.explorer.search.Chart;
import io.handfast.tx.explorer.search.Fingerprint;
import io.handfast.tx.explorer.search.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two-phase commit of one transaction on etcd: services, each with a sidecar and a replica of it.
 * Changed by {@link EtcdStep} only, which makes a copy first.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class EtcdWorld implements World<EtcdWorld> {
  /** What can happen. */
  enum Kind {
    DELIVER,
    DROP,
    /** A message comes, and will come once more. */
    DUPLICATE,
    /** A request to etcd is carried out, and answered. */
    APPLY,
    /** It is carried out, and nobody hears of it. */
    UNHEARD,
    /** Nobody hears of it, and it may be carried out later. */
    ADRIFT,
    /** One that is adrift never arrives. */
    VANISH,
    CRASH,
    RESTART,
    /** A lease ends: its sidecar has died, or was silent for too long. */
    EXPIRE,
    /** A sidecar finds that its lease is lost, and begins another life. */
    WAKE,
    CLAIM_BRANCH,
    CLAIM_DECISION,
    COLLECT_ABORT,
    TIMER,
    COORDINATOR_TIMER,
    REDELIVER,
    PATIENCE,
    WORK,
    ANSWER,
    CONFIRM,
    CANCEL
  }

  final Model model;
  final Conditions conditions;
  final Pod[] pods;
  final Tried[] services;
  final Etcd etcd;
  final Bag<Mail> bag;
  final Bag<Op> ops;
  ClientTold told = ClientTold.NOTHING;
  int votedYes;
  int votedNo;
  int drops;
  int duplicates;
  int crashes;
  int expiries;
  int doubts;
  int early;
  @Nullable String breach;

  private EtcdWorld(
      Model model,
      Conditions conditions,
      Pod[] pods,
      Tried[] services,
      Etcd etcd,
      Bag<Mail> bag,
      Bag<Op> ops) {
    this.model = model;
    this.conditions = conditions;
    this.pods = pods;
    this.services = services;
    this.etcd = etcd;
    this.bag = bag;
    this.ops = ops;
  }

  /** The moment at which a client's request arrives at the boundary. */
  static EtcdWorld begin(Model model, Conditions conditions, EtcdBounds bounds) {
    int nodes = model.layout.size();
    Pod[] pods = new Pod[2 * nodes];
    Arrays.setAll(pods, Pod::new);
    Tried[] services = new Tried[nodes];
    Arrays.setAll(services, it -> new Tried());
    EtcdWorld world =
        new EtcdWorld(
            model,
            conditions,
            pods,
            services,
            new Etcd(nodes),
            new Bag<>(Mail.class, model.values),
            new Bag<>(Op.class, model.values));
    world.drops = bounds.drops();
    world.duplicates = bounds.duplicates();
    world.crashes = bounds.crashes();
    world.expiries = bounds.expiries();
    world.doubts = bounds.doubts();
    world.early = bounds.early();
    new EtcdStep(world, Chart.NONE).begin();
    return world;
  }

  private EtcdWorld copy() {
    Pod[] newPods = new Pod[pods.length];
    Arrays.setAll(newPods, i -> pods[i].copy());
    Tried[] newServices = new Tried[services.length];
    Arrays.setAll(newServices, i -> services[i].copy());
    EtcdWorld copy =
        new EtcdWorld(model, conditions, newPods, newServices, etcd.copy(), bag.copy(), ops.copy());
    copy.told = told;
    copy.votedYes = votedYes;
    copy.votedNo = votedNo;
    copy.drops = drops;
    copy.duplicates = duplicates;
    copy.crashes = crashes;
    copy.expiries = expiries;
    copy.doubts = doubts;
    copy.early = early;
    copy.breach = breach;
    return copy;
  }

  @Override
  public List<Move> moves() {
    return new EtcdPossible(this).moves();
  }

  @Override
  public EtcdWorld after(Move move, Chart chart) {
    EtcdWorld next = copy();
    new EtcdStep(next, chart).take(move);
    return next;
  }

  @Override
  public void describe(Fingerprint into) {
    for (Pod pod : pods) {
      pod.describe(into);
    }
    for (Tried service : services) {
      service.describe(into);
    }
    etcd.describe(into);
    into.add((long) told.ordinal() << 16 | votedYes << 8 | votedNo)
        .add(
            (long) duplicates << 40
                | (long) drops << 32
                | crashes << 24
                | expiries << 16
                | doubts << 8)
        .add(early)
        .add(bag.size());
    bag.describe(into);
    ops.describe(into);
  }

  @Override
  public boolean isSettled() {
    if (bag.size() > 0 || ops.size() > 0 || etcd.decision == Etcd.COMMIT) {
      return false;
    }
    for (Pod pod : pods) {
      boolean atRest =
          pod.up
              && pod.leased
              && pod.branch == 0
              && pod.coordinator == 0
              && !pod.confirmSent
              && !pod.cancelSent;
      if (!atRest) {
        return false;
      }
    }
    for (int i = 0; i < services.length; i++) {
      if (services[i].trying || isOwed(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * A BEGUN that was given up, and arrived late, is found when its sidecar's life ends: its service
   * never saw the request.
   */
  private boolean isOwed(int node) {
    int kind = etcd.record[node];
    boolean litter = kind == Etcd.BEGUN && services[node].effect == Effect.NONE;
    return kind == Etcd.PREPARED || (kind == Etcd.BEGUN && !litter);
  }

  @Override
  public @Nullable String breach() {
    if (breach != null) {
      return breach;
    }
    return isSettled() ? atRest() : null;
  }

  void breach(String what) {
    if (breach == null) {
      breach = what;
    }
  }

  private @Nullable String atRest() {
    for (int i = 0; i < services.length; i++) {
      Effect effect = services[i].effect;
      boolean decided = isDecided(i);
      if (effect == Effect.RESERVED) {
        return "an orphan: the reservation at " + i + " is left";
      }
      if (decided != (effect == Effect.CONFIRMED)) {
        return i + " is " + effect + (decided ? " and in" : " and not in") + " the decision (AC1)";
      }
      if (told == ClientTold.COMMITTED && !decided && model.layout.isUpdating(i)) {
        return "the client was told committed, and the effect at " + i + " is not there";
      }
    }
    if (told == ClientTold.ABORTED && etcd.everDecided != 0) {
      return "the client was told aborted, and an effect is there";
    }
    if (told == ClientTold.NOTHING && pods[0].process == 0) {
      return "the client waits for ever";
    }
    if (model.bounds.early() < 0 && told != ClientTold.COMMITTED) {
      return "all voted yes and nothing failed, and it did not commit (AC4)";
    }
    return null;
  }

  /** Whether a COMMIT that stood lists it. */
  boolean isDecided(int node) {
    return (etcd.everDecided & 1 << node) != 0;
  }

  @Override
  public List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("etcd"));
    for (Pod pod : pods) {
      columns.add(pod.node() + (pod.number % 2 == 0 ? ", its sidecar" : ", a replica"));
    }
    return columns;
  }

  @Nullable CoordinatorState coordinator(Pod pod) {
    return model.values.value(pod.coordinator, CoordinatorState.class);
  }

  @Nullable ParticipantState branch(Pod pod) {
    return model.values.value(pod.branch, ParticipantState.class);
  }

  /** Whether an incarnation has its key. */
  boolean lives(int owner) {
    Pod pod = pods[owner >> 4];
    return pod.leased && pod.life == (owner & 15);
  }
}
