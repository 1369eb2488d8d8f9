package io.handfast.tx.simulation;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.SimulatedDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The store of a host: the journal's own code on a simulated disk. Writes become durable by a
 * force, in their order, or fail. Confined to the world.
 */
final class SimJournal {
  /** What is written. */
  sealed interface Entry {
    record Begun(int node) implements Entry {}

    record Prepared(int node) implements Entry {}

    /**
     * The decision to commit.
     *
     * @param own the root's branch record rides in it
     */
    record Decision(Set<BranchId> branches, boolean own) implements Entry {}

    /** The decision of the only branch that updates. */
    record Decided(int node) implements Entry {}

    record BranchEnded(int node) implements Entry {}

    record TransactionEnded() implements Entry {}
  }

  private final World world;
  private final int host;
  private final SimulatedDisk disk;
  private final List<Entry> durable = new ArrayList<>();

  /** Taken, and not durable yet: a checkpoint has to keep what they say. */
  private final List<Entry> taken = new ArrayList<>();

  private final Set<BranchId> everDecided = new HashSet<>();
  private boolean stopped;
  private boolean forceDue;

  SimJournal(World world, int host) {
    this.world = world;
    this.host = host;
    this.disk = new SimulatedDisk(host, world.memory(host));
  }

  boolean isStopped() {
    return stopped;
  }

  /** What a restart is sure to find, in its order. */
  List<Entry> durable() {
    return durable;
  }

  boolean has(Entry entry) {
    return durable.contains(entry);
  }

  /** Who has to commit, though the decision may have been collected since. */
  Set<BranchId> everDecided() {
    return everDecided;
  }

  private void notice() {
    everDecided.addAll(decision().branches());
    for (Entry entry : durable) {
      if (entry instanceof Entry.Decided alone) {
        everDecided.add(new BranchId(alone.node() + 1));
      }
    }
  }

  SimJournal.Entry.Decision decision() {
    for (Entry entry : durable) {
      if (entry instanceof Entry.Decision decision) {
        return decision;
      }
    }
    return new Entry.Decision(Set.of(), false);
  }

  /** Written, which survives the death of the process, then forced. */
  void writeOverlapped(Entry entry, Runnable onWritten, Runnable onDurable, Runnable onFailed) {
    append(entry, Durability.OVERLAPPED, onWritten, onDurable, onFailed);
  }

  void write(Entry entry, Durability durability, Runnable onDurable, Runnable onFailed) {
    append(entry, durability, () -> {}, onDurable, onFailed);
  }

  private void append(
      Entry entry,
      Durability durability,
      Runnable onWritten,
      Runnable onDurable,
      Runnable onFailed) {
    boolean accepted =
        disk.append(
            encode(entry),
            durability,
            new SimulatedDisk.Told() {
              @Override
              public void written() {
                onWritten.run();
              }

              @Override
              public void durable() {
                taken.remove(entry);
                durable.add(entry);
                notice();
                onDurable.run();
              }

              @Override
              public void failed() {
                stopped = true;
                onFailed.run();
              }
            });
    if (!accepted) {
      world.onHost(host, "write refused", onFailed);
      return;
    }
    taken.add(entry);
    if (!forceDue) {
      forceDue = true;
      world.onHost(host, World.FORCE, this::force);
    }
  }

  private void force() {
    forceDue = false;
    if (world.diesInForce(true)) {
      disk.dieInTurn(world.random);
      world.crash(host);
      return;
    }
    if (world.diskFails()) {
      disk.failNextForce();
    } else if (disk.wantsCheckpoint()) {
      List<Entry> all = new ArrayList<>(durable);
      all.addAll(taken);
      disk.checkpoint(live(all).stream().map(SimJournal::encode).toList());
    }
    disk.turn();
    if (world.diesInForce(false)) {
      world.crash(host);
    }
  }

  /** Branches without an end, and a decision without one. */
  private static List<Entry> live(List<Entry> all) {
    boolean over = all.contains(new Entry.TransactionEnded());
    return all.stream()
        .filter(entry ->
            switch (entry) {
              case Entry.Begun e -> !all.contains(new Entry.BranchEnded(e.node()));
              case Entry.Prepared e -> !all.contains(new Entry.BranchEnded(e.node()));
              case Entry.Decided e -> !all.contains(new Entry.BranchEnded(e.node()));
              case Entry.Decision e ->
                  !over || (e.own() && !all.contains(new Entry.BranchEnded(0)));
              case Entry.BranchEnded _, Entry.TransactionEnded _ -> true;
            })
        .toList();
  }

  void crash(boolean machine) {
    if (machine) {
      disk.machineDies(world.random);
    } else {
      disk.processDies();
    }
    forceDue = false;
  }

  /** Reads the store; what is in it is durable from now on. */
  void restart() {
    Set<Entry> promised = new HashSet<>(live(durable));
    durable.clear();
    taken.clear();
    disk.restart(payload -> durable.add(decode(payload)));
    notice();
    stopped = false;
    promised.removeAll(durable);
    if (!promised.isEmpty()) {
      world.violations.add("host " + host + " has lost what was durable: " + promised);
    }
  }

  private static byte[] encode(Entry entry) {
    return switch (entry) {
      case Entry.Begun e -> new byte[] {0, (byte) e.node()};
      case Entry.Prepared e -> new byte[] {1, (byte) e.node()};
      case Entry.Decision e -> {
        ByteBuffer bytes = ByteBuffer.allocate(2 + e.branches().size());
        bytes.put((byte) 2).put((byte) (e.own() ? 1 : 0));
        e.branches().stream().sorted().forEach(id -> bytes.put((byte) id.bits()));
        yield bytes.array();
      }
      case Entry.BranchEnded e -> new byte[] {3, (byte) e.node()};
      case Entry.TransactionEnded _ -> new byte[] {4};
      case Entry.Decided e -> new byte[] {5, (byte) e.node()};
    };
  }

  private static Entry decode(byte[] bytes) {
    return switch (bytes[0]) {
      case 0 -> new Entry.Begun(bytes[1]);
      case 1 -> new Entry.Prepared(bytes[1]);
      case 2 -> {
        Set<BranchId> branches = new HashSet<>();
        for (int i = 2; i < bytes.length; i++) {
          branches.add(new BranchId(bytes[i]));
        }
        yield new Entry.Decision(branches, bytes[1] == 1);
      }
      case 3 -> new Entry.BranchEnded(bytes[1]);
      case 5 -> new Entry.Decided(bytes[1]);
      default -> new Entry.TransactionEnded();
    };
  }
}
