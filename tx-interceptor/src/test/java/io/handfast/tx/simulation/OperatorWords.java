package io.handfast.tx.simulation;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.simulation.Service.Effect;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What operators decided for branches of a world, and what the truth was (T21). */
final class OperatorWords {
  private final World world;

  /** What operators decided, as far as it is durable, and what the truth was recorded as. */
  final Map<Integer, Outcome> resolved = new HashMap<>();

  final Map<Integer, Outcome> truths = new HashMap<>();

  /**
   * The same, as it was handed to a store: a checkpoint may have let go of it, where it agrees,
   * before anybody is told.
   */
  final Map<Integer, Outcome> offeredTruths = new HashMap<>();

  /** Whom a former life has had completed, as no operator can know. */
  final Set<Integer> completedBefore = new HashSet<>();

  OperatorWords(World world) {
    this.world = world;
  }

  /** An operator's decision is durable. */
  void resolved(int node, Outcome outcome) {
    Service service = world.services.get(node);
    boolean before = service.effect() != Effect.RESERVED || service.isToComplete();
    if (resolved.putIfAbsent(node, outcome) == null && before) {
      completedBefore.add(node);
    }
  }

  /** The truth is durable where an operator had decided: once. */
  void settled(int node, Outcome truth) {
    Outcome before = truths.putIfAbsent(node, truth);
    if (before != null && before != truth) {
      world.violations.add(node + " has overwritten what the truth was (T21)");
    }
  }
}
