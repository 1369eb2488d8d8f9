package io.handfast.tx.journal;

import static java.util.Objects.requireNonNull;

import io.handfast.tx.journal.AppendQueue.Append;
import io.handfast.tx.journal.AppendQueue.Checkpoint;
import io.handfast.tx.journal.AppendQueue.Pending;
import io.handfast.tx.journal.AppendResult.Accepted;
import io.handfast.tx.journal.AppendResult.CheckpointRunning;
import io.handfast.tx.journal.AppendResult.Closed;
import io.handfast.tx.journal.AppendResult.Overloaded;
import io.handfast.tx.journal.AppendResult.Refusal;
import io.handfast.tx.journal.AppendResult.Stopped;
import io.handfast.tx.journal.AppendResult.TooLarge;
import io.handfast.tx.journal.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Journal} on a {@link Disk}: the callers' side. Thread-safe; it shares with the writer
 * only the queue, counters and flags.
 */
final class FileJournal implements Journal {

  /** What has to fit for {@link #newWorkRefusal} to be empty: more than nearly all records need. */
  private static final long USUAL_RECORD_BYTES = 4096;

  /** A journal that is made replays nothing. */
  private static final ReplayVisitor NOTHING =
      new ReplayVisitor() {
        @Override
        public void onCheckpointed(long uptoLsn, byte[] payload) {}

        @Override
        public void onRecord(long lsn, byte[] payload) {}
      };

  private final JournalOptions options;
  private final JournalRuntime runtime;
  private final StoreFile store;
  private final AppendQueue queue;
  private final SpaceGuard space;
  private final JournalStats.Recorder stats = new JournalStats.Recorder();
  private final Completions completions;
  private final GroupCommitter committer;
  private final Closeable lock;
  private final long lazyBoundNanos;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Held by the one checkpoint that runs; its release publishes {@link #coveredLsn}. */
  private final AtomicBoolean checkpointing = new AtomicBoolean();

  private volatile long coveredLsn;

  /** Null where a test turns the writer by hand. */
  private @Nullable Thread writer;

  private FileJournal(
      JournalOptions options,
      JournalRuntime runtime,
      StoreFile store,
      SegmentLog log,
      Recovery recovery,
      Closeable lock) {
    this.options = options;
    this.runtime = runtime;
    this.store = store;
    this.lock = lock;
    this.lazyBoundNanos = options.lazyBound().toNanos();
    this.coveredLsn = recovery.coveredLsn();
    this.queue = new AppendQueue(options.maxQueuedRecords(), recovery.lastLsn() + 1);
    this.space = new SpaceGuard(options);
    this.completions = new Completions(runtime, stats);
    this.committer =
        new GroupCommitter(options, queue, log, space, stats, completions, runtime.nanoClock());
  }

  static FileJournal open(
      JournalOptions options, JournalRuntime runtime, Disk disk, ReplayVisitor visitor)
      throws JournalOpenException {
    FileJournal journal = openStepped(options, runtime, disk, visitor);
    journal.startWriting();
    return journal;
  }

  /** Starts the thread that writes; once, before anybody else has the journal. */
  void startWriting() {
    Thread thread =
        Thread.ofPlatform().name("handfast-journal").daemon(true).unstarted(this::write);
    writer = thread;
    thread.start();
  }

  /**
   * Makes a journal in a directory that has none, restored from others.
   *
   * @param store drawn anew, with the former identities
   */
  static FileJournal create(
      JournalOptions options, JournalRuntime runtime, Disk disk, StoreFile store)
      throws JournalOpenException {
    try {
      disk.createDirectory();
      if (!disk.list().isEmpty()) {
        throw new JournalOpenException.Misplaced(
            disk.describe(""), "it is not empty", "an empty directory, or none");
      }
      return locked(disk, lock -> recover(options, runtime, disk, NOTHING, lock, store));
    } catch (IOException e) {
      throw new JournalOpenException.Io(disk.describe(""), e);
    }
  }

  /** What makes a journal of a directory that is locked. */
  @FunctionalInterface
  private interface Opening {
    FileJournal with(Closeable lock) throws IOException, JournalOpenException;
  }

  /** The journal keeps the lock; without one it is released. */
  private static FileJournal locked(Disk disk, Opening opening)
      throws IOException, JournalOpenException {
    Closeable lock = disk.lock();
    if (lock == null) {
      throw new JournalOpenException.Locked(disk.describe(""));
    }
    boolean opened = false;
    try {
      FileJournal journal = opening.with(lock);
      opened = true;
      return journal;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /** The same without a thread: {@link #turn} does its work. */
  static FileJournal openStepped(
      JournalOptions options, JournalRuntime runtime, Disk disk, ReplayVisitor visitor)
      throws JournalOpenException {
    try {
      disk.createDirectory();
      return locked(disk, lock -> recover(options, runtime, disk, visitor, lock));
    } catch (IOException e) {
      throw new JournalOpenException.Io(disk.describe(""), e);
    }
  }

  private static FileJournal recover(
      JournalOptions options,
      JournalRuntime runtime,
      Disk disk,
      ReplayVisitor visitor,
      Closeable lock)
      throws IOException, JournalOpenException {
    StoreFile before = StoreFile.readOrDraw(disk, runtime.random());
    return recover(options, runtime, disk, visitor, lock, before);
  }

  private static FileJournal recover(
      JournalOptions options,
      JournalRuntime runtime,
      Disk disk,
      ReplayVisitor visitor,
      Closeable lock,
      StoreFile before)
      throws IOException, JournalOpenException {
    if (!options.owner().isEmpty()
        && !before.owner().isEmpty()
        && !before.owner().equals(options.owner())) {
      throw new JournalOpenException.AnotherOwner(
          disk.describe(""), before.owner(), options.owner());
    }
    Recovery recovery = new Recovery(disk, before);
    if (before.incarnation() > 0) {
      recovery.scan();
    }
    long incarnation = recovery.newestIncarnation() + 1;
    SegmentLog log =
        recovery.repair(options.segmentBytes(), options.preallocatedBytes(), incarnation);
    boolean opened = false;
    try {
      // Only now: a store file without a segment would be a journal that has lost everything.
      StoreFile store = before.opened(incarnation, options.owner());
      store.write(disk);
      recovery.deleteSuperfluous();
      Replay replay = recovery.replay();
      replay.run(visitor);
      FileJournal journal = new FileJournal(options, runtime, store, log, recovery, lock);
      journal.stats.replayed(replay.replayed());
      opened = true;
      return journal;
    } finally {
      if (!opened) {
        log.close();
      }
    }
  }

  @Override
  public String storeId() {
    return store.hexId();
  }

  @Override
  public List<String> formerIds() {
    return store.formerHexIds();
  }

  @Override
  public long incarnation() {
    return store.incarnation();
  }

  @Override
  public long lastLsn() {
    return queue.lastLsn();
  }

  @Override
  public AppendResult append(
      Durability durability,
      Need need,
      byte[] payload,
      Executor executor,
      AppendCallback callback) {
    AppendResult result = offer(durability, need, payload, executor, callback);
    if (!(result instanceof Accepted)) {
      stats.refused();
    }
    return result;
  }

  private AppendResult offer(
      Durability durability,
      Need need,
      byte[] payload,
      Executor executor,
      AppendCallback callback) {
    if (payload.length > MAX_RECORD_BYTES) {
      return new TooLarge(payload.length, MAX_RECORD_BYTES);
    }
    JournalFailure failure = completions.failure();
    if (failure != null) {
      return new Stopped(failure);
    }
    AppendResult full = space.refuse(need, Frame.HEADER_BYTES + (long) payload.length);
    if (full != null) {
      wakeForDiskLook();
      return full;
    }
    if (!space.enqueue(payload.length)) {
      return overloaded();
    }
    long forceBy =
        durability == Durability.LAZY ? runtime.nanoClock().getAsLong() + lazyBoundNanos : 0;
    AppendResult result = submit(new Append(payload, durability, forceBy, executor, callback));
    if (!(result instanceof Accepted)) {
      space.dequeue(payload.length);
    }
    return result;
  }

  @Override
  public boolean shouldCheckpoint() {
    return committer.isCheckpointDue() && !checkpointing.get();
  }

  @Override
  public AppendResult checkpoint(
      Snapshot live, long uptoLsn, Executor executor, AppendCallback callback) {
    if (uptoLsn > lastLsn() || uptoLsn < coveredLsn) {
      throw new IllegalArgumentException(
          "uptoLsn: %d (expected: %d to %d)".formatted(uptoLsn, coveredLsn, lastLsn()));
    }
    long bytes = 0;
    for (int i = 0; i < live.size(); i++) {
      int payload = live.bytes(i);
      if (payload > MAX_RECORD_BYTES) {
        return new TooLarge(payload, MAX_RECORD_BYTES);
      }
      bytes += Frame.HEADER_BYTES + (long) payload;
    }
    AppendResult full = space.refuseCheckpoint(bytes);
    if (full != null) {
      wakeForDiskLook();
      return full;
    }
    if (!checkpointing.compareAndSet(false, true)) {
      return new CheckpointRunning();
    }
    AppendResult result =
        submit(new Checkpoint(live, uptoLsn, executor, new CheckpointDone(uptoLsn, callback)));
    if (!(result instanceof Accepted)) {
      checkpointing.set(false);
    }
    return result;
  }

  @Override
  public Optional<Refusal> newWorkRefusal() {
    JournalFailure failure = completions.failure();
    if (failure != null) {
      return Optional.of(new Stopped(failure));
    }
    if (closed.get()) {
      return Optional.of(new Closed());
    }
    Optional<Refusal> full = Optional.ofNullable(space.refuse(Need.NEW_WORK, USUAL_RECORD_BYTES));
    wakeForDiskLook();
    return full;
  }

  @Override
  public JournalStats stats() {
    return stats.snapshot(space, options.maxBytes(), completions.failure() != null);
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    queue.close();
    Thread thread = writer;
    if (thread == null) {
      while (!committer.hasEnded()) {
        committer.turn();
      }
    } else {
      join(thread);
    }
    try {
      lock.close();
    } catch (IOException e) {
      // The lock goes with the process at the latest; nothing is lost.
      throw new UncheckedIOException(e);
    }
  }

  /** What the writer thread does once; for tests that have none. */
  long turn() {
    return committer.turn();
  }

  /** What the last complete checkpoint covers; 0 if there is none. */
  long coveredLsn() {
    return coveredLsn;
  }

  private AppendResult submit(Pending pending) {
    long lsn = queue.offer(pending);
    if (lsn == AppendQueue.FULL) {
      return overloaded();
    }
    if (lsn == AppendQueue.CLOSED) {
      JournalFailure failure = completions.failure();
      return failure == null ? new Closed() : new Stopped(failure);
    }
    return new Accepted(lsn);
  }

  private AppendResult overloaded() {
    return new Overloaded(
        space.queuedBytes(), options.maxQueuedRecords(), options.maxQueuedBytes());
  }

  private void wakeForDiskLook() {
    if (space.wantsDiskLook()) {
      queue.wake();
    }
  }

  /** The writer thread. */
  private void write() {
    while (!committer.hasEnded()) {
      long wait = committer.turn();
      if (wait > 0 && !committer.hasEnded()) {
        queue.await(wait);
      }
    }
  }

  private void join(Thread thread) {
    if (thread.equals(Thread.currentThread())) {
      throw new IllegalStateException("close: called by the writer thread (expected: any other)");
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        // What was accepted is to be forced whoever interrupts; the caller sees the flag.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Frees the way for the next checkpoint before the caller is told. */
  private final class CheckpointDone implements AppendCallback {
    private final long uptoLsn;
    private final AppendCallback callback;

    CheckpointDone(long uptoLsn, AppendCallback callback) {
      this.uptoLsn = uptoLsn;
      this.callback = requireNonNull(callback);
    }

    @Override
    public void onDurable(long lsn) {
      coveredLsn = uptoLsn;
      checkpointing.set(false);
      callback.onDurable(lsn);
    }

    @Override
    public void onFailed(long lsn, JournalFailure failure) {
      callback.onFailed(lsn, failure);
    }
  }
}
