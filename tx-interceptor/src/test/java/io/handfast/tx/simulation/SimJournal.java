package io.handfast.tx.simulation;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.engine.JournalStore;
import io.handfast.tx.engine.SteppedStore;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.journal.Journal;
import io.handfast.tx.journal.SimulatedDisk;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The journal of a host: the engine's writer, its store and its live records, and the journal's own
 * code, on a simulated disk. Writes become durable by a force, in their order, or fail. Confined to
 * the world.
 */
final class SimJournal implements SimStore {
  private final World world;
  private final int host;
  private final SimulatedDisk disk;

  /** What somebody was told is durable, or was found by a restart: the checker's own memory. */
  private final Set<Entry> durable = new LinkedHashSet<>();

  /** Ends that were taken: a checkpoint may have let go of what they end before anybody is told. */
  private final Set<Entry> taken = new HashSet<>();

  private final Set<BranchId> everDecided = new HashSet<>();
  private LiveRecords live = new LiveRecords();
  private JournalStore store;
  private Writer writer;
  private boolean turning;
  private boolean forceDue;

  SimJournal(World world, int host) {
    this.world = world;
    this.host = host;
    this.disk = new SimulatedDisk(host, world.memory(host));
    Turned loop = new Turned(disk.journal());
    this.store = SteppedStore.on(disk.journal(), loop, List.of());
    this.writer = new Writer(loop, new Checkpointed(store), live);
  }

  @Override
  public boolean isStopped() {
    return store.health() instanceof TransactionStore.Health.Failed;
  }

  @Override
  public boolean has(Entry entry) {
    return durable.contains(entry);
  }

  @Override
  public boolean owes(int node) {
    return has(new Entry.Begun(node)) && !hasEnded(durable, node);
  }

  private static boolean hasEnded(Set<Entry> entries, int node) {
    return entries.stream().anyMatch(it -> it instanceof Entry.BranchEnded e && e.node() == node);
  }

  @Override
  public Set<BranchId> everDecided() {
    return everDecided;
  }

  /** What a restart goes on from. */
  LiveRecords live() {
    return live;
  }

  /** Ends of branches that a restart has read: what was carried out is remembered. */
  Set<Entry> found() {
    return durable;
  }

  @Override
  public void write(Entry entry, TransactionStore.Durability durability, Told told) {
    if (entry instanceof Entry.BranchEnded || entry instanceof Entry.TransactionEnded) {
      taken.add(entry);
    }
    writer.write(
        Records.of(world.scenario, entry),
        durability,
        TransactionStore.Need.ESSENTIAL,
        new Writer.Written() {
          @Override
          public void written() {
            told.written();
          }

          @Override
          public void durable() {
            notice(entry);
            told.durable();
          }

          @Override
          public void refused(String reason) {
            told.refused();
          }

          @Override
          public void inDoubt(String reason) {
            told.inDoubt();
          }
        });
    if (!forceDue) {
      forceDue = true;
      world.onHost(host, World.FORCE, this::force);
    }
  }

  private void notice(Entry entry) {
    durable.add(entry);
    if (entry instanceof Entry.Decision decision) {
      everDecided.addAll(decision.branches());
    } else if (entry instanceof Entry.Decided alone) {
      everDecided.add(new BranchId(alone.node() + 1));
    } else if (entry instanceof Entry.Resolved resolved) {
      world.words.resolved(resolved.node(), resolved.outcome());
    } else if (entry instanceof Entry.Settled settled) {
      world.words.settled(settled.node(), settled.truth());
    }
  }

  private void force() {
    forceDue = false;
    if (world.diesInForce(true)) {
      turning = true;
      disk.dieInTurn(world.random);
      turning = false;
      world.crash(host);
      return;
    }
    if (world.diskFails()) {
      disk.failNextForce();
    }
    turning = true;
    disk.turn();
    turning = false;
    if (world.diesInForce(false)) {
      world.crash(host);
    }
  }

  @Override
  public void crash(boolean machine) {
    if (machine) {
      disk.machineDies(world.random);
    } else {
      disk.processDies();
    }
    forceDue = false;
  }

  /** Reads the store, as the engine does; what is in it is durable from now on. */
  void restart() {
    Set<Entry> promised = owed(durable);
    promised.removeIf(entry -> owed(withEnds(entry)).isEmpty());
    durable.clear();
    taken.clear();
    live = new LiveRecords();
    List<Record> replayed = disk.restart();
    Turned loop = new Turned(disk.journal());
    store = SteppedStore.on(disk.journal(), loop, replayed);
    writer = new Writer(loop, new Checkpointed(store), live);
    store.replay(record -> {
      live.follow(record);
      notice(Records.entry(record));
    });
    promised.removeAll(known(durable));
    if (!promised.isEmpty()) {
      world.violations.add("host " + host + " has lost what was durable: " + promised);
    }
  }

  private Set<Entry> withEnds(Entry entry) {
    Set<Entry> all = new LinkedHashSet<>(taken);
    all.add(entry);
    return all;
  }

  /** Of what is known, what nothing has ended: this a restart has to find. */
  private static Set<Entry> owed(Set<Entry> entries) {
    boolean over = entries.stream().anyMatch(Entry.TransactionEnded.class::isInstance);
    Set<Entry> owed = new LinkedHashSet<>();
    for (Entry entry : known(entries)) {
      boolean ended =
          switch (entry) {
            case Entry.Begun e -> hasEnded(entries, e.node());
            case Entry.Prepared e -> hasEnded(entries, e.node());
            case Entry.Decided e -> hasEnded(entries, e.node());
            case Entry.Decision _ -> over;
            case Entry.Resolved e -> hasEnded(entries, e.node());
            case Entry.BranchEnded _, Entry.TransactionEnded _, Entry.Settled _ -> true;
          };
      if (!ended) {
        owed.add(entry);
      }
    }
    return owed;
  }

  /** What entries say: a branch record says BEGUN as well, and one that rides is one. */
  private static Set<Entry> known(Set<Entry> entries) {
    Set<Entry> known = new LinkedHashSet<>();
    for (Entry entry : entries) {
      switch (entry) {
        case Entry.Prepared e -> {
          known.add(e);
          known.add(new Entry.Begun(e.node()));
        }
        case Entry.Decided e -> {
          known.add(e);
          known.add(new Entry.Prepared(e.node()));
          known.add(new Entry.Begun(e.node()));
        }
        case Entry.Decision e -> {
          known.add(new Entry.Decision(e.branches(), false, e.incarnation()));
          if (e.own()) {
            known.add(new Entry.Prepared(0));
            known.add(new Entry.Begun(0));
          }
        }
        case Entry.Resolved e -> {
          known.add(e);
          known.add(new Entry.Prepared(e.node()));
          known.add(new Entry.Begun(e.node()));
        }
        case Entry.Begun _, Entry.BranchEnded _, Entry.TransactionEnded _, Entry.Settled _ ->
            known.add(entry);
      }
    }
    return known;
  }

  /** The engine's loop in one life of the process; what a force tells, it tells at once. */
  private final class Turned implements EngineLoop {
    private final Journal life;
    private long now;
    private int timers;

    Turned(Journal life) {
      this.life = life;
    }

    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public long epochMillis() {
      return 1;
    }

    @Override
    public void execute(Runnable task) {
      if (!turning) {
        world.onHost(host, "store", task);
      } else if (disk.tells(life)) {
        task.run();
      }
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      String label = "store timer " + timers++;
      long due = now + delayNanos;
      world.timer(
          host,
          label,
          () -> {
            now = Math.max(now, due);
            task.run();
          });
      return () -> world.cancelTimer(host, label);
    }
  }

  /** The store, but that a mutant may forget something in a checkpoint. */
  private final class Checkpointed implements TransactionStore {
    private final JournalStore real;

    Checkpointed(JournalStore real) {
      this.real = real;
    }

    @Override
    public String storeId() {
      return real.storeId();
    }

    @Override
    public long incarnation() {
      return real.incarnation();
    }

    @Override
    public void replay(Consumer<Record> visitor) {
      real.replay(visitor);
    }

    @Override
    public boolean append(Record record, Durability durability, Need need, WriteCallback callback) {
      return real.append(record, durability, need, callback);
    }

    @Override
    public boolean shouldCheckpoint() {
      return real.shouldCheckpoint();
    }

    @Override
    public void checkpoint(List<Record> all) {
      world.checkpoints++;
      real.checkpoint(world.machines.kept(new ArrayList<>(all)));
    }

    @Override
    public Health health() {
      return real.health();
    }
  }
}
