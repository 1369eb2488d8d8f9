package io.handfast.tx.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.handfast.transaction.v1.Record;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
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
  private static final JournalOptions OPTIONS =
      JournalOptions.of(Path.of("simulated"))
          .withSegmentBytes(4096)
          .withPreallocatedBytes(256)
          .withSpace(1 << 20, 0)
          .withCheckpointBytes(128)
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

  /** In this life. */
  public Journal journal() {
    return journal;
  }

  /** Whether a life goes on, so that somebody hears what its journal says. */
  public boolean tells(Journal life) {
    return alive && life.equals(journal) && !disk.isDead();
  }

  /** All that waits is written and forced, lazy records too. */
  public void turn() {
    clock.addAndGet(OPTIONS.lazyBound().toNanos());
    long wait = 0;
    while (wait == 0) {
      wait = journal.turn();
    }
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

  /** A new life: what the store holds, in its order. */
  public List<Record> restart() {
    List<Record> held = new ArrayList<>();
    journal = open(payload -> held.add(parse(payload)));
    alive = true;
    return held;
  }

  private static Record parse(byte[] payload) {
    try {
      return Record.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("journal: a record that nobody wrote: " + e.getMessage(), e);
    }
  }
}
