package io.handfast.tx.simulation;

import io.handfast.tx.core.Outcome;
import java.util.HashSet;
import java.util.Set;

/** What comes over a world between two steps, and what is cut off from what. */
final class Misfortune {
  /** One step in so many is one in which a sidecar looks around in etcd. */
  private static final int LOOKS = 30;

  private final World world;
  private final Set<Long> cuts = new HashSet<>();
  private final Set<Integer> cutFromEtcd = new HashSet<>();
  private boolean operatorCame;

  Misfortune(World world) {
    this.world = world;
  }

  /** What may go wrong next does, if it is to. */
  void strike(Faults faults) {
    int hosts = world.hosts.size();
    if (world.chance(faults.crash(), "a crash")) {
      world.crash(world.random.nextInt(hosts));
    }
    if (world.chance(faults.pause(), "a pause")) {
      Host host = world.hosts.get(world.random.nextInt(hosts));
      host.paused = !host.paused;
      world.story().tell(() -> "** " + host.number + (host.paused ? " pauses" : " wakes"));
    }
    if (hosts > 1 && world.chance(faults.cut(), "a cut")) {
      int one = world.random.nextInt(hosts);
      int other = (one + 1 + world.random.nextInt(hosts - 1)) % hosts;
      long pair = pair(one, other);
      boolean cut = cuts.add(pair) || !cuts.remove(pair);
      world
          .story()
          .tell(() -> "** " + one + " and " + other + (cut ? " are cut off" : " meet again"));
    }
    if (world.chance(faults.pod(), "a pod")) {
      Host host = world.hosts.get(world.random.nextInt(hosts));
      world.crash(host.number);
      host.lost = true;
      world.story().tell(() -> "** " + host.number + " is lost for good");
    }
    if (!world.databases.isEmpty()) {
      strikeDatabases(faults);
    }
    if (world.isShared()) {
      strikeEtcd(faults);
    } else {
      sendOperator(faults);
    }
  }

  private void strikeDatabases(Faults faults) {
    Database database = world.databases.get(world.random.nextInt(world.databases.size()));
    if (world.chance(faults.database(), "a database's death")) {
      database.die();
    }
    if (world.chance(faults.database(), "a stranger's outcome")) {
      for (int block : database.blocks()) {
        Sidecar voted = world.sidecars.get(block);
        Sidecar sidecar = world.random.nextBoolean() ? voted : world.replica(block);
        Outcome outcome = world.random.nextBoolean() ? Outcome.COMMIT : Outcome.ABORT;
        sidecar.machine().toldByStranger(outcome);
      }
    }
  }

  private void sendOperator(Faults faults) {
    if (operatorCame || faults.operator() == 0) {
      return;
    }
    for (Sidecar sidecar : world.sidecars) {
      if (sidecar.heuristic().mayDecide()
          && world.chance(faults.operator(), "an operator's word")) {
        operatorCame = true;
        sidecar.heuristic().decide(world.random.nextBoolean() ? Outcome.COMMIT : Outcome.ABORT);
        return;
      }
    }
  }

  private void strikeEtcd(Faults faults) {
    SimEtcd etcd = world.etcds().get(world.random.nextInt(world.hosts.size()));
    if (world.chance(faults.lease(), "a lease ends")) {
      etcd.expire(world.random.nextInt(4));
    }
    if (world.random.nextInt(LOOKS) == 0) {
      etcd.lookAround();
    }
    if (world.chance(faults.cut(), "a cut from etcd")) {
      int host = world.random.nextInt(world.hosts.size());
      boolean cut = cutFromEtcd.add(host) || !cutFromEtcd.remove(host);
      world
          .story()
          .tell(() -> "** " + host + (cut ? " does not reach etcd" : " reaches etcd again"));
    }
  }

  boolean isCutOff(int one, int other) {
    return one != other && cuts.contains(pair(one, other));
  }

  boolean isCutOffFromEtcd(int host) {
    return cutFromEtcd.contains(host);
  }

  private static long pair(int one, int other) {
    return (long) Math.min(one, other) << 32 | Math.max(one, other);
  }

  /** All meet again. */
  void end() {
    cuts.clear();
    cutFromEtcd.clear();
  }
}
