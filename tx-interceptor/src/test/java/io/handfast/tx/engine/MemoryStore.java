package io.handfast.tx.engine;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.engine.offline.JournalArchive;
import io.handfast.tx.journal.Journal;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A store whose disk is a list: forces take a moment, a crash loses what was not forced. */
final class MemoryStore implements TransactionStore {

  /** What outlives a process. */
  static final class Disk {
    final String id;
    final Set<String> formerIds;
    final List<Record> durable = new ArrayList<>();
    long incarnation;

    Disk(String id) {
      this(id, Set.of());
    }

    Disk(String id, Set<String> formerIds) {
      this.id = id;
      this.formerIds = formerIds;
    }

    /** What `journal restore` makes of a backup of this. */
    Disk restored(String newId) {
      Disk made = new Disk(newId, Set.of("j." + id));
      made.durable.addAll(JournalArchive.restored(id, durable));
      return made;
    }
  }

  /** An overlapped one that is written is on the disk already: only a process can die here. */
  private record Pending(Record record, boolean overlapped, WriteCallback callback) {}

  private static final long WRITE_NANOS = 100_000;
  static final long FORCE_NANOS = 1_000_000;
  private static final long LAZY_NANOS = 10_000_000;

  private final Disk disk;
  private final EngineLoop loop;
  private final List<Pending> pending = new ArrayList<>();
  private boolean frozen;
  private boolean broken;
  private Predicate<Record> refusing = record -> false;
  private int forces;
  int checkpoints;
  boolean wantsCheckpoint;

  MemoryStore(Disk disk, EngineLoop loop) {
    this.disk = disk;
    this.loop = loop;
    disk.incarnation++;
  }

  /** Nothing gets durable any more until thawed. */
  void freeze() {
    frozen = true;
  }

  void thaw() {
    frozen = false;
    loop.execute(this::force);
  }

  /** What is pending fails, and everything after it. */
  void breakDown() {
    broken = true;
    List<Pending> failed = List.copyOf(pending);
    pending.clear();
    failed.forEach(it -> loop.execute(() -> it.callback.onInDoubt("disk: broken")));
  }

  void refuse(boolean refuse) {
    refuse(record -> refuse);
  }

  /** Which records are not taken. */
  void refuse(Predicate<Record> which) {
    refusing = which;
  }

  /** What was being written got there after all, as after a sync whose answer was lost. */
  void flush() {
    keep(pending);
  }

  private void keep(List<Pending> writes) {
    writes.stream().filter(it -> !it.overlapped).forEach(it -> disk.durable.add(it.record));
  }

  int forces() {
    return forces;
  }

  @Override
  public String storeId() {
    return "j." + disk.id;
  }

  @Override
  public Set<String> formerIds() {
    return disk.formerIds;
  }

  @Override
  public long incarnation() {
    return disk.incarnation;
  }

  @Override
  public void replay(Consumer<Record> visitor) {
    List.copyOf(disk.durable).forEach(visitor);
  }

  @Override
  public boolean append(Record record, Durability durability, Need need, WriteCallback callback) {
    if (record.getSerializedSize() > Journal.MAX_RECORD_BYTES) {
      loop.execute(() ->
          callback.onRefusedForGood(
              "record: %d bytes (expected: at most %d)"
                  .formatted(record.getSerializedSize(), Journal.MAX_RECORD_BYTES)));
      return false;
    }
    if (broken || refusing.test(record)) {
      loop.execute(() -> callback.onRefused(broken ? "disk: broken" : "disk: overloaded"));
      return false;
    }
    switch (durability) {
      case FORCED -> await(new Pending(record, false, callback), FORCE_NANOS);
      case LAZY -> await(new Pending(record, false, callback), LAZY_NANOS);
      case OVERLAPPED ->
          loop.schedule(
              WRITE_NANOS,
              () -> {
                disk.durable.add(record);
                callback.onWritten();
                await(new Pending(record, true, callback), FORCE_NANOS);
              });
    }
    return true;
  }

  private void await(Pending write, long nanos) {
    pending.add(write);
    loop.schedule(nanos, this::force);
  }

  private void force() {
    if (frozen || broken || pending.isEmpty()) {
      return;
    }
    forces++;
    List<Pending> batch = List.copyOf(pending);
    pending.clear();
    keep(batch);
    batch.forEach(it -> it.callback.onDurable());
  }

  @Override
  public boolean shouldCheckpoint() {
    return wantsCheckpoint;
  }

  @Override
  public void checkpoint(List<Record> live) {
    wantsCheckpoint = false;
    checkpoints++;
    List<Record> pendingRecords = pending.stream().map(Pending::record).toList();
    disk.durable.clear();
    live.stream().filter(record -> !pendingRecords.contains(record)).forEach(disk.durable::add);
  }

  @Override
  public Health health() {
    return broken ? new Health.Failed("disk: broken") : new Health.Ready();
  }
}
