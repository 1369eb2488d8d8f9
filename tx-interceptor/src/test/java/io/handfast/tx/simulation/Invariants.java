package io.handfast.tx.simulation;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Outcome;
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
          new OperatorsWord(),
          new BlocksShareTheirFate(),
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
    if (world.scenario.isBlock(node)) {
      boolean nobody = world.sidecars.get(node).host().lost && world.replica(node).host().lost;
      return nobody || isCoordinatorLost(world);
    }
    if (world.isShared()) {
      int host = world.scenario.hostOf(node);
      boolean replicaLost = world.hosts.get(host + world.scenario.hosts()).lost;
      return world.hosts.get(host).lost
          && (replicaLost || !world.scenario.nodes().get(node).equivalent());
    }
    return world.sidecars.get(node).host().lost || world.hosts.getFirst().lost;
  }

  /** With its replica, where that has the same store: nobody is left who tells. */
  private static boolean isCoordinatorLost(World world) {
    return world.hosts.getFirst().lost
        && (!world.isShared() || world.hosts.get(world.scenario.hosts()).lost);
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
        if (world.words.resolved.containsKey(i)) {
          continue; // as an operator said
        }
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
      boolean anyOpen = isAnyOpen(world);
      for (Host host : world.hosts) {
        for (Sidecar sidecar : host.branches) {
          ParticipantState branch = sidecar.branch();
          boolean inDoubt = branch instanceof ParticipantState.Prepared;
          if (branch != null && !(inDoubt && mayBeOpen(world, sidecar.node()))) {
            violations.add("still " + branch);
          }
        }
        if (host.coordinator != null && host.coordinator.state() != null && !anyOpen) {
          violations.add("still " + host.coordinator.state());
        }
      }
      for (Record owed : world.owed()) {
        boolean open =
            owed.hasDecision()
                ? anyOpen || isCoordinatorLost(world)
                : mayBeOpen(world, Records.node(Records.ref(owed)));
        if (!open) {
          violations.add("etcd still holds " + Records.entry(owed));
        }
      }
      return violations;
    }

    /** Somebody who may never acknowledge. */
    private static boolean isAnyOpen(World world) {
      for (int i = 0; i < world.sidecars.size(); i++) {
        if (world.isUpdating(i) && (mayBeOpen(world, i) || isUnheard(world, i))) {
          return true;
        }
      }
      return false;
    }

    /**
     * A block: who voted is lost, and so is who committed it, before the coordinator heard that.
     */
    private static boolean isUnheard(World world, int node) {
      return world.scenario.isBlock(node)
          && world.sidecars.get(node).host().lost
          && (world.hosts.getFirst().lost || !world.replica(node).machine().hasCommitted());
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

  /**
   * T21: what an operator decided has been done, the truth is recorded, and where it is another the
   * branch shows it.
   */
  static final class OperatorsWord implements Invariant {
    @Override
    public List<String> violations(World world) {
      List<String> violations = new ArrayList<>();
      Set<BranchId> decided = decided(world);
      world.words.resolved.forEach((node, word) -> {
        Sidecar sidecar = world.sidecars.get(node);
        Effect effect = world.services.get(node).effect();
        Effect other = word == Outcome.COMMIT ? Effect.CANCELLED : Effect.CONFIRMED;
        if (effect == other && !world.words.completedBefore.contains(node)) {
          violations.add(node + " is " + effect + ", and an operator decided to " + word);
        }
        if (sidecar.host().lost) {
          return; // nobody is there who could show anything
        }
        Outcome truth = world.words.truths.get(node);
        if (truth == null && world.words.offeredTruths.get(node) == word) {
          truth = sidecar.heuristic().isAwaited() ? null : word;
        }
        Outcome expected =
            decided.contains(new BranchId(node + 1)) ? Outcome.COMMIT : Outcome.ABORT;
        if (truth == null ? !mayBeOpen(world, node) : truth != expected) {
          violations.add(node + " has recorded " + truth + " as what came of it: " + expected);
        }
        if (sidecar.heuristic().isMixed() != (truth != null && truth != word)) {
          violations.add(
              node + " was decided to " + word + ", and does not say as it is: " + truth);
        }
      });
      return violations;
    }
  }

  /** A transaction commits with every block for which its service has asked for COMMIT. */
  static final class BlocksShareTheirFate implements Invariant {
    @Override
    public List<String> violations(World world) {
      List<String> violations = new ArrayList<>();
      Set<BranchId> decided = decided(world);
      if (!decided.isEmpty() || world.clientTold.contains(World.ClientAnswer.COMMITTED)) {
        for (int block : world.asked) {
          boolean commits = decided.contains(new BranchId(block + 1));
          if (!commits && !world.scenario.mayBeStruck(block)) {
            violations.add("committed without block " + block);
          }
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
      boolean confirmed = false;
      for (int i = 0; i < world.services.size(); i++) {
        boolean heuristic = world.words.resolved.containsKey(i);
        confirmed |= !heuristic && world.services.get(i).effect() == Effect.CONFIRMED;
      }
      if (confirmed && world.clientTold.contains(World.ClientAnswer.ABORTED)) {
        violations.add("told aborted though something has committed");
      }
      if (world.clientTold.contains(World.ClientAnswer.COMMITTED)) {
        for (int i : world.votedYes) {
          boolean effect = world.services.get(i).effect() == Effect.CONFIRMED;
          boolean excused =
              world.scenario.mayBeStruck(i)
                  || mayBeOpen(world, i)
                  || world.words.resolved.containsKey(i);
          if (!effect && !excused) {
            violations.add("told committed though " + i + " is " + world.services.get(i).effect());
          }
        }
      }
      return violations;
    }
  }
}
