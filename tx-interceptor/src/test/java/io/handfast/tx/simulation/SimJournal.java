package io.handfast.tx.simulation;

import io.handfast.tx.core.BranchId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A store whose writes become durable by a force, in their order, or fail. Confined to the world.
 */
final class SimJournal {
  /** What is written. */
  sealed interface Entry {
    record Begun() implements Entry {}

    record Prepared() implements Entry {}

    /**
     * The decision to commit.
     *
     * @param own the root's branch record rides in it
     */
    record Decision(Set<BranchId> branches, boolean own) implements Entry {}

    record BranchEnded() implements Entry {}

    record TransactionEnded() implements Entry {}
  }

  private record Write(@Nullable Entry entry, Runnable durable, Runnable failed) {}

  private final World world;
  private final int node;
  private final List<Entry> durable = new ArrayList<>();
  private final List<Write> pending = new ArrayList<>();
  private boolean stopped;
  private boolean forceDue;

  SimJournal(World world, int node) {
    this.world = world;
    this.node = node;
  }

  boolean isStopped() {
    return stopped;
  }

  List<Entry> durable() {
    return durable;
  }

  boolean has(Class<? extends Entry> kind) {
    return durable.stream().anyMatch(kind::isInstance);
  }

  /** Written, which survives the death of the process, then forced. */
  void writeOverlapped(Entry entry, Runnable onWritten, Runnable onDurable, Runnable onFailed) {
    world.later(
        node,
        node + " write",
        () -> {
          if (!stopped) {
            durable.add(entry);
            onWritten.run();
          }
          add(null, onDurable, onFailed);
        });
  }

  void write(Entry entry, Runnable onDurable, Runnable onFailed) {
    add(entry, onDurable, onFailed);
  }

  private void add(@Nullable Entry entry, Runnable onDurable, Runnable onFailed) {
    if (stopped) {
      world.later(node, node + " write refused", onFailed);
      return;
    }
    pending.add(new Write(entry, onDurable, onFailed));
    if (!forceDue) {
      forceDue = true;
      world.later(node, node + " force", this::force);
    }
  }

  private void force() {
    forceDue = false;
    if (world.diesInForce(true)) {
      world.crash(node);
      return;
    }
    List<Write> batch = new ArrayList<>(pending);
    pending.clear();
    if (world.diskFails()) {
      stopped = true;
      keepPrefix(batch);
      batch.forEach(write -> write.failed().run());
      return;
    }
    keep(batch);
    if (world.diesInForce(false)) {
      world.crash(node);
      return;
    }
    batch.forEach(write -> write.durable().run());
  }

  /** What was not forced may have reached the disk, up to some point. */
  private void keepPrefix(List<Write> writes) {
    int kept = world.random.nextInt(writes.size() + 1);
    keep(writes.subList(0, kept));
  }

  private void keep(List<Write> writes) {
    for (Write write : writes) {
      Entry entry = write.entry();
      if (entry != null) {
        durable.add(entry);
      }
    }
  }

  void crash() {
    keepPrefix(pending);
    pending.clear();
    forceDue = false;
    stopped = false;
  }
}
