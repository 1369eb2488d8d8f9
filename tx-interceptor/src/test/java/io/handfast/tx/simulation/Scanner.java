package io.handfast.tx.simulation;

import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks through the database of a sidecar's service for what nobody there knows, as the engine does
 * at its start and again and again. Confined to the world.
 */
final class Scanner {
  private final World world;
  private final Host host;

  Scanner(World world, Host host) {
    this.world = world;
    this.host = host;
  }

  private Database database() {
    return world.databases.get(world.scenario.serviceOf(host.number));
  }

  void start() {
    if (!world.databases.isEmpty() && !database().blocks().isEmpty()) {
      scan();
    }
  }

  /** In its time. */
  void later() {
    if (host.isUp()) {
      world.timer(host.number, "scan", this::again);
    }
  }

  private void again() {
    if (isNeeded()) {
      scan();
    }
  }

  private void scan() {
    String by = database().someName();
    look(found -> {
      if (found != null) {
        for (int block : database().blocks()) {
          host.running(block).machine().found(found.contains(block), by);
        }
      }
      if (isNeeded()) {
        later();
      }
    });
  }

  private boolean isNeeded() {
    for (int block : database().blocks()) {
      if (host.running(block).machine().isToBeFound()) {
        return true;
      }
    }
    return false;
  }

  /**
   * What is prepared at a moment from now.
   *
   * @param reply null where nobody answers; not at all if the sidecar dies before
   */
  void look(Consumer<@Nullable Set<Integer>> reply) {
    int life = host.life();
    int service = world.scenario.serviceOf(host.number);
    world.outside(
        host.number + " scans",
        () -> {
          Set<Integer> found = database().scan();
          if (host.life() == life && host.isUp()) {
            world.onHost(
                host.number, "database " + service + " shows " + found, () -> reply.accept(found));
          }
        });
  }
}
