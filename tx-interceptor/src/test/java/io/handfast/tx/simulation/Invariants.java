package io.handfast.tx.simulation;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.simulation.Service.Effect;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What must hold when a world has come to rest (Bernstein, Hadzilacos, Goodman: AC1 to AC5, and
 * what a client may rely on).
 */
final class Invariants {
  /** One of them: says what is wrong, or nothing. */
  interface Invariant {
    List<String> violations(World world);
  }

  static final List<Invariant> ALL =
      List.of(
          new SeenWhileRunning(),
          new Agreement(),
          new EveryoneDecides(),
          new NoOrphan(),
          new ClientToldTheTruth());

  private Invariants() {}

  static List<String> check(World world) {
    List<String> violations = new ArrayList<>();
    for (Invariant invariant : ALL) {
      invariant
          .violations(world)
          .forEach(text -> violations.add(invariant.getClass().getSimpleName() + ": " + text));
    }
    return violations;
  }

  private static Set<BranchId> decided(World world) {
    Set<BranchId> decided = new HashSet<>();
    world.hosts.forEach(host -> decided.addAll(host.store.everDecided()));
    return decided;
  }

  /** Its sidecar is lost for good, or its coordinator's: then it may be in doubt for ever. */
  private static boolean mayBeOpen(World world, int node) {
    if (world.isShared()) {
      int host = world.scenario.hostOf(node);
      boolean replicaLost = world.hosts.get(host + world.scenario.hosts()).lost;
      return world.hosts.get(host).lost
          && (replicaLost || !world.scenario.nodes().get(node).equivalent());
    }
    return world.sidecars.get(node).host().lost || world.hosts.getFirst().lost;
  }

  /**
   * AC2 (no reversal), AC3 (commit only if all voted yes), force before tell: noted where they
   * would be broken.
   */
  static final class SeenWhileRunning implements Invariant {
    @Override
    public List<String> violations(World world) {
      return world.violations;
    }
  }

  /** AC1: who is in the decision has committed, nobody else has. */
  static final class Agreement implements Invariant {
    @Override
    public List<String> violations(World world) {
      Set<BranchId> decided = decided(world);
      List<String> violations = new ArrayList<>();
      for (int i = 0; i < world.services.size(); i++) {
        boolean commits = decided.contains(new BranchId(i + 1));
        Effect effect = world.services.get(i).effect();
        boolean open = commits && effect == Effect.RESERVED && mayBeOpen(world, i);
        if (commits != (effect == Effect.CONFIRMED) && !open) {
          violations.add(i + " is " + effect + " though the decision is " + decided);
        }
      }
      return violations;
    }
  }

  /** AC5: when failures have healed, nobody is in doubt or at work but by who is lost for good. */
  static final class EveryoneDecides implements Invariant {
    @Override
    public List<String> violations(World world) {
      List<String> violations = new ArrayList<>();
      boolean anyLost = world.hosts.stream().anyMatch(host -> host.lost);
      for (Host host : world.hosts) {
        for (Sidecar sidecar : host.branches) {
          ParticipantState branch = sidecar.branch();
          boolean inDoubt = branch instanceof ParticipantState.Prepared;
          if (branch != null && !(inDoubt && mayBeOpen(world, sidecar.node()))) {
            violations.add("still " + branch);
          }
        }
        if (host.coordinator != null && host.coordinator.state() != null && !anyLost) {
          violations.add("still " + host.coordinator.state());
        }
      }
      for (Record owed : world.owed()) {
        if (!anyLost) {
          violations.add("etcd still holds " + Records.entry(owed));
        }
      }
      return violations;
    }
  }

  /** No reservation is left. */
  static final class NoOrphan implements Invariant {
    @Override
    public List<String> violations(World world) {
      List<String> violations = new ArrayList<>();
      for (int i = 0; i < world.services.size(); i++) {
        if (world.services.get(i).effect() == Effect.RESERVED && !mayBeOpen(world, i)) {
          violations.add("reservation left at " + i);
        }
      }
      return violations;
    }
  }

  /** Told once; committed only with its effect there, aborted only without. */
  static final class ClientToldTheTruth implements Invariant {
    @Override
    public List<String> violations(World world) {
      List<String> violations = new ArrayList<>();
      if (world.clientTold.size() > 1) {
        violations.add("told " + world.clientTold);
      }
      boolean confirmed =
          world.services.stream().anyMatch(service -> service.effect() == Effect.CONFIRMED);
      if (confirmed && world.clientTold.contains(World.ClientAnswer.ABORTED)) {
        violations.add("told aborted though something has committed");
      }
      if (world.clientTold.contains(World.ClientAnswer.COMMITTED)) {
        for (int i : world.votedYes) {
          boolean effect = world.services.get(i).effect() == Effect.CONFIRMED;
          if (!effect && !world.scenario.mayBeStruck(i) && !mayBeOpen(world, i)) {
            violations.add("told committed though " + i + " is " + world.services.get(i).effect());
          }
        }
      }
      return violations;
    }
  }
}
