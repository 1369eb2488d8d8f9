package io.handfast.tx.journal;

import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The journal's own code on a disk of which a simulation is master, turned by hand: nothing happens
 * but in {@link #turn}. Confined to one thread.
 */
public final class SimulatedDisk {
  /** What becomes of a write. */
  public interface Told {
    void written();

    void durable();

    void failed();
  }

  private static final JournalOptions OPTIONS =
      JournalOptions.of(Path.of("simulated"))
          .withSegmentBytes(4096)
          .withPreallocatedBytes(256)
          .withSpace(1 << 20, 0)
          .withCheckpointBytes(512)
          .withQueue(64, 1 << 20);

  private final AtomicLong clock = new AtomicLong();
  private final Random draws;
  private final ByteBuffer memory;
  private FakeDisk disk = new FakeDisk();
  private FileJournal journal;
  private boolean alive = true;

  /**
   * A new disk with an empty journal.
   *
   * @param memory of at least 16 KiB, for this disk alone as long as it is used
   */
  public SimulatedDisk(long seed, ByteBuffer memory) {
    this.memory = memory;
    draws = new Random(seed);
    journal = open(payload -> {});
  }

  private FileJournal open(Consumer<byte[]> visitor) {
    disk.writeFrom(memory);
    JournalRuntime runtime = new JournalRuntime(clock::get, draws, Runnable::run, failure -> {});
    try {
      return FileJournal.openStepped(
          OPTIONS,
          runtime,
          disk,
          new ReplayVisitor() {
            @Override
            public void onCheckpointed(long uptoLsn, byte[] payload) {
              visitor.accept(payload);
            }

            @Override
            public void onRecord(long lsn, byte[] payload) {
              visitor.accept(payload);
            }
          });
    } catch (JournalOpenException e) {
      throw new AssertionError("journal: it does not open after a crash: " + e.getMessage(), e);
    }
  }

  /** Whether it was taken; if it was, it is told later, unless this life ends before. */
  public boolean append(byte[] payload, Durability durability, Told told) {
    FileJournal here = journal;
    AppendResult result =
        journal.append(
            durability,
            Need.ESSENTIAL,
            payload,
            Runnable::run,
            new AppendCallback() {
              @Override
              public void onWritten(long lsn) {
                tell(here, told::written);
              }

              @Override
              public void onDurable(long lsn) {
                tell(here, told::durable);
              }

              @Override
              public void onFailed(long lsn, JournalFailure failure) {
                tell(here, told::failed);
              }
            });
    return result instanceof AppendResult.Accepted;
  }

  private void tell(FileJournal life, Runnable what) {
    if (alive && life.equals(journal) && !disk.isDead()) {
      what.run();
    }
  }

  /** All that waits is written and forced, lazy records too. */
  public void turn() {
    clock.addAndGet(OPTIONS.lazyBound().toNanos());
    long wait = 0;
    while (wait == 0) {
      wait = journal.turn();
    }
  }

  /** Whether the journal would like a checkpoint, of which there is at most one. */
  public boolean wantsCheckpoint() {
    return journal.shouldCheckpoint();
  }

  public void checkpoint(List<byte[]> live) {
    journal.checkpoint(
        Journal.Snapshot.of(live),
        journal.lastLsn(),
        Runnable::run,
        new AppendCallback() {
          @Override
          public void onWritten(long lsn) {}

          @Override
          public void onDurable(long lsn) {}

          @Override
          public void onFailed(long lsn, JournalFailure failure) {}
        });
  }

  /** The next force fails, durable or not, and the journal stops. */
  public void failNextForce() {
    disk.failForce(1);
  }

  /**
   * {@link #turn}, in which the process dies at one of the disk's operations, tearing a write;
   * nobody is told anything from there on.
   */
  public void dieInTurn(RandomGenerator random) {
    disk.dieAfter(random.nextInt(4), random.nextInt(64));
    turn();
    alive = false;
  }

  /** The process died: what was written is there, what waited is not. */
  public void processDies() {
    alive = false;
    disk = disk.restart();
  }

  /** The machine died: of what was not forced, anything may be there. */
  public void machineDies(RandomGenerator random) {
    alive = false;
    disk = disk.crash(random);
  }

  /** A new life; hands over what the store holds. */
  public void restart(Consumer<byte[]> visitor) {
    journal = open(visitor);
    alive = true;
  }
}
