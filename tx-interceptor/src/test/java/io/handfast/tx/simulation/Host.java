package io.handfast.tx.simulation;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.engine.base.LiveRecords;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A process: a sidecar with its store, and every branch that runs in it. A service that is called
 * twice in one transaction has two of them. Confined to the world.
 */
final class Host {
  final int number;
  final SimStore store;
  final List<Sidecar> branches = new ArrayList<>();

  final Scanner scanner;

  /** Of the boundary's service, and its replica. */
  @Nullable SimCoordinator coordinator;

  private final World world;
  private final Queue<Runnable> local = new ArrayDeque<>();
  private boolean draining;
  private boolean up = true;
  private int life;
  private int waiting;
  boolean paused;
  boolean slowDisk;

  /** It and its disk will never come back. */
  boolean lost;

  /** How early its timers may run out: 0 never, 4 as often as chance has it. */
  int clock = 2;

  Host(World world, int number, SimEtcd.@Nullable Facts shared) {
    this.world = world;
    this.number = number;
    this.scanner = new Scanner(world, this);
    this.store = shared == null ? new SimJournal(world, number) : new SimEtcd(world, this, shared);
  }

  boolean isUp() {
    return up;
  }

  int life() {
    return life;
  }

  /** Its name; that of the pod that was called is in the records of its branches. */
  String authority() {
    int service = world.scenario.serviceOf(number);
    return "svc-" + service + (number == service ? "" : "-b");
  }

  /** Runs after what runs now, before anything else can happen here. */
  void locally(Runnable action) {
    local.add(action);
    if (draining) {
      return;
    }
    draining = true;
    int now = life;
    for (Runnable next = local.poll(); next != null; next = local.poll()) {
      next.run();
    }
    if (life == now) {
      draining = false;
    }
  }

  void crash(boolean machine) {
    up = false;
    life++;
    store.crash(machine);
    local.clear();
    draining = false;
    branches.forEach(Sidecar::crash);
    if (coordinator != null) {
      coordinator.crash();
    }
  }

  void start() {
    if (up || lost) {
      return;
    }
    up = true;
    paused = false;
    draining = false;
    switch (store) {
      case SimJournal journal -> {
        journal.restart();
        journal.found().forEach(this::remember);
        goOn(journal.live().branches(), journal.live().decisions());
        journal.live().kept().forEach(record -> keep(journal, record.getBranchEnded()));
      }
      case SimEtcd etcd -> etcd.restart();
    }
    scanner.start();
  }

  private void keep(SimJournal journal, BranchEnded ended) {
    running(Scenario.nodeOf(new BranchId(ended.getBranchId())))
        .heuristic()
        .keep(ended.getOutcome(), journal.live().truth(LiveRecords.key(ended)));
  }

  private void remember(Entry entry) {
    if (entry instanceof Entry.BranchEnded ended) {
      running(ended.node()).remember(ended.outcome());
    }
  }

  /** The branch of a node, whether or not it is known here. */
  Sidecar running(int node) {
    for (Sidecar branch : branches) {
      if (branch.node() == node) {
        return branch;
      }
    }
    throw new AssertionError("node " + node + " at host " + number + " (expected: one of its own)");
  }

  /** As the engine's recovery: decisions are told when all branches have their states. */
  private void goOn(List<Record> found, List<Record> decisions) {
    if (!decisions.isEmpty()) {
      coordinator().takenUp(); // of the one transaction
    }
    found.forEach(record -> running(Records.node(Records.ref(record))).recover(record));
    decisions.forEach(record -> coordinator().recover(record.getDecision()));
  }

  private SimCoordinator coordinator() {
    if (coordinator == null) {
      throw new AssertionError("a decision at host " + number + " (expected: at the boundary's)");
    }
    return coordinator;
  }

  /** What lost sidecars left is carried on, as the engine's recovery does. */
  void takeOver(List<Record> claimed) {
    List<Record> decisions = new ArrayList<>();
    for (Record record : claimed) {
      world.takenOver++;
      world.story().tell(() -> "  " + authority() + " takes over " + Records.entry(record));
      if (!record.hasDecision()) {
        takeOver(record);
      } else if (coordinator().state() == null) {
        coordinator().takenUp();
        decisions.add(record);
      }
    }
    decisions.forEach(record -> coordinator().recover(record.getDecision()));
  }

  private void takeOver(Record record) {
    Sidecar branch = running(Records.node(Records.ref(record)));
    if (branch.branch() == null) {
      branch.recover(record);
    } else {
      world.timer(number, "a claim waits " + waiting++, () -> takeOver(record));
    }
  }
}
