package io.handfast.tx.simulation;

import io.handfast.tx.explorer.Machines;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One run of the simulation: everything in it is drawn from its seed.
 *
 * @param seed of scenario, order and faults; which faults there are goes round with it
 */
public record Run(long seed) {
  private static final List<Faults> KINDS =
      List.of(
          Faults.ALL,
          Faults.NETWORK,
          Faults.CRASHES,
          Faults.MACHINES,
          Faults.ALL,
          Faults.PODS,
          Faults.OPERATORS,
          Faults.ALL,
          Faults.NETWORK,
          Faults.CRASHES,
          Faults.WRECKS,
          Faults.ALL,
          Faults.PODS,
          Faults.OPERATORS);

  /** Two rounds of kinds, which differ in one. */
  private static final int ROUND = KINDS.size() / 2;

  /** More faults than any run meets. */
  private static final int ALL_LATER = 1 << 16;

  /**
   * What came of it.
   *
   * @param told what the client was told; null if nothing
   * @param breaches which invariants do not hold
   * @param shared on etcd
   * @param checkpoints that were begun
   * @param takenOver records that a sidecar of a later life or another pod has carried on
   */
  record Result(
      World.@Nullable ClientAnswer told,
      List<String> breaches,
      boolean shared,
      int checkpoints,
      int takenOver) {}

  /** One run in so many is one on etcd. */
  private static final int SHARED = 20;

  /** One in so many has blocks of SQL. */
  private static final int BLOCKS = 3;

  /** The nth run of those on etcd. */
  public static Run onEtcd(long n) {
    return new Run(n * SHARED);
  }

  /** The nth of those in which operators decide. */
  public static Run withOperators(long n) {
    return new Run(n * ROUND - 1);
  }

  /** The nth of those with blocks of SQL. */
  public static Run withBlocks(long n) {
    return new Run(n * BLOCKS - 1);
  }

  private boolean hasBlocks() {
    return Math.floorMod(seed, (long) BLOCKS) == BLOCKS - 1;
  }

  private boolean isShared() {
    return Math.floorMod(seed, (long) SHARED) == 0;
  }

  private Faults faults() {
    if (isShared()) {
      return Faults.SHARED;
    }
    return KINDS.get((int) Math.floorMod(seed, (long) KINDS.size()));
  }

  /** What is wrong with these machines, or null; the promise that is broken first. */
  public @Nullable String breach(Machines machines) {
    List<String> breaches = result(machines).breaches();
    return breaches.isEmpty() ? null : breaches.getFirst();
  }

  Result result(Machines machines) {
    return result(machines, new BitSet(), Story.UNTOLD);
  }

  private Result result(Machines machines, BitSet leftOut, Story story) {
    World world = world(machines, leftOut, story);
    try {
      world.run();
    } catch (RuntimeException e) {
      return new Result(null, List.of(String.valueOf(e.getMessage())), false, 0, 0);
    }
    World.ClientAnswer told = world.clientTold.isEmpty() ? null : world.clientTold.getFirst();
    return new Result(
        told, Invariants.check(world), world.isShared(), world.checkpoints, world.takenOver);
  }

  private World world(Machines machines, BitSet leftOut, Story story) {
    Faults faults = faults();
    return new World(
        seed, scenario(new Random(~seed), faults.machine() == 0), faults, machines, leftOut, story);
  }

  private Scenario scenario(Random random, boolean overlapped) {
    if (hasBlocks()) {
      return Scenario.withBlocks(random, overlapped, isShared());
    }
    return isShared() ? Scenario.shared(random) : Scenario.draw(random, overlapped);
  }

  /** The same with as few faults as still break a promise, told step by step. */
  String minimal(Machines machines) {
    World whole = world(machines, new BitSet(), Story.UNTOLD);
    int faults = faultsOf(whole);
    BitSet leftOut = new BitSet();
    leftOut.set(faults, ALL_LATER); // a shorter run goes on otherwise, and would meet others
    boolean less = true;
    for (int size = Math.max(1, faults / 2); size > 1 || less; size = Math.max(1, size / 2)) {
      less = false;
      for (int from = 0; from < faults; from += size) {
        BitSet fewer = (BitSet) leftOut.clone();
        fewer.set(from, Math.min(faults, from + size));
        boolean other = fewer.cardinality() > leftOut.cardinality();
        if (other && !result(machines, fewer, Story.UNTOLD).breaches().isEmpty()) {
          leftOut = fewer;
          less = true;
        }
      }
    }
    Story story = Story.told();
    Result result = result(machines, leftOut, story);
    return "seed "
        + seed
        + ": "
        + result.breaches()
        + "\nwith "
        + story.faults()
        + " faults, of the "
        + faults
        + " of the whole run, in\n"
        + whole.scenario
        + "\n"
        + story;
  }

  private static int faultsOf(World world) {
    try {
      world.run();
    } catch (RuntimeException e) {
      // What was met until then counts.
    }
    return world.faultsMet();
  }
}
