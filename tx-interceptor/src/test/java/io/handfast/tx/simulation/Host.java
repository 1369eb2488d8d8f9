package io.handfast.tx.simulation;

import io.handfast.transaction.v1.Record;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * A process: a sidecar with one journal, and every branch that runs in it. A service that is called
 * twice in one transaction has two of them. Confined to the world.
 */
final class Host {
  final int number;
  final SimStore store;
  final List<Sidecar> branches = new ArrayList<>();
  private final World world;
  private final Queue<Runnable> local = new ArrayDeque<>();
  private boolean draining;
  private boolean up = true;
  private int life;
  boolean paused;
  boolean slowDisk;

  /** It and its disk will never come back. */
  boolean lost;

  /** How early its timers may run out: 0 never, 4 as often as chance has it. */
  int clock = 2;

  Host(World world, int number) {
    this.world = world;
    this.number = number;
    this.store = new SimJournal(world, number);
  }

  boolean isUp() {
    return up;
  }

  int life() {
    return life;
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
  }

  void start() {
    if (up || lost) {
      return;
    }
    up = true;
    paused = false;
    draining = false;
    if (store instanceof SimJournal journal) {
      journal.restart();
      goOn(journal.live().branches(), journal.live().decisions());
    }
  }

  /** As the engine's recovery: decisions are told when all branches have their states. */
  private void goOn(List<Record> found, List<Record> decisions) {
    decisions.forEach(record -> world.coordinator().takenUp());
    for (Record record : found) {
      int node = Records.node(Sidecar.ref(record));
      branches.stream()
          .filter(branch -> branch.node() == node)
          .forEach(branch -> branch.recover(record));
    }
    decisions.forEach(record -> world.coordinator().recover(record.getDecision()));
  }
}
