package io.handfast.tx.simulation;

import io.handfast.tx.simulation.Service.Effect;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The database of a service, which several sidecars reach: what is prepared in it outlives each of
 * them, and its own death; what is not goes with the connection. Confined to the world.
 */
final class Database {
  /** What its sidecars call it. */
  private static final List<String> NAMES = List.of("bank", "audit");

  private final World world;
  private final int service;

  /** Each is a transaction of the database. */
  private final List<Integer> blocks = new ArrayList<>();

  private boolean down;
  private int life;

  Database(World world, int service) {
    this.world = world;
    this.service = service;
    for (int i = 0; i < world.scenario.nodes().size(); i++) {
      if (world.scenario.isBlock(i) && world.scenario.hostOf(i) == service) {
        blocks.add(i);
      }
    }
  }

  List<Integer> blocks() {
    return blocks;
  }

  boolean isDown() {
    return down;
  }

  /** A connection of a former life is broken. */
  int life() {
    return life;
  }

  /** By one of its names: two are configured at each sidecar. */
  String someName() {
    return NAMES.get(world.random.nextInt(NAMES.size()));
  }

  void die() {
    if (down || blocks.isEmpty()) {
      return;
    }
    world.story().tell(() -> "** the database of " + service + " dies");
    down = true;
    life++;
    for (int block : blocks) {
      world.sidecars.get(block).block().databaseDied();
    }
    world.outside("the database of " + service + " is back", this::start);
  }

  void start() {
    down = false;
  }

  /** What is prepared, as a scan shows it; null if nobody answers. */
  @Nullable Set<Integer> scan() {
    if (down) {
      return null;
    }
    Set<Integer> found = new HashSet<>();
    for (int block : blocks) {
      if (world.services.get(block).effect() == Effect.RESERVED && !world.scanHides()) {
        found.add(block);
      }
    }
    return found;
  }
}
