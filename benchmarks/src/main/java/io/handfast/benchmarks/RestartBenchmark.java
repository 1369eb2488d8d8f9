package io.handfast.benchmarks;

import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionEnded;
import io.handfast.tx.engine.JournalStore;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.journal.JournalOpenException;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Need;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long a journal takes to be opened and taken up after so many finished transactions, in a JVM
 * that has just started: checkpoints bound it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(3)
public class RestartBenchmark {
  private static final int WAITING = 4_000;

  /** Where the journal is laid: on the disk in question, so not in a tmpfs. */
  @Param("target")
  public String directory = "target";

  @Param({"100000", "1000000"})
  public int finished = 100_000;

  private @Nullable Path home;

  @Setup(Level.Trial)
  public void write() throws IOException, JournalOpenException, InterruptedException {
    home =
        Files.createTempDirectory(Files.createDirectories(Path.of(directory)), "restart-benchmark");
    EngineLoop loop = new Immediate();
    LiveRecords live = new LiveRecords();
    try (JournalStore store = open()) {
      store.replay(live::follow);
      Writer writer = new Writer(loop, store, live);
      Semaphore free = new Semaphore(WAITING);
      for (int i = 0; i < finished; i++) {
        ByteString tx = id(i);
        append(
            writer,
            free,
            Record.newBuilder()
                .setDecision(
                    Decision.newBuilder()
                        .setTxId(tx)
                        .addBranches(branch(1))
                        .addBranches(branch(2))));
        append(
            writer, free, Record.newBuilder().setEnded(TransactionEnded.newBuilder().setTxId(tx)));
      }
      free.acquire(WAITING);
    }
  }

  /** Laid out as a UUIDv7. */
  private static ByteString id(int number) {
    ByteBuffer bits = ByteBuffer.allocate(16);
    bits.putLong((long) number << 16 | 0x7000).putLong(Long.MIN_VALUE | number);
    return ByteString.copyFrom(bits.array());
  }

  private static DecidedBranch branch(int id) {
    return DecidedBranch.newBuilder()
        .setBranchId(id)
        .setParticipant("bank-" + id + ":15014")
        .setStoreId("j.0123456789abcdef0123456789abcdef")
        .setService("bank-" + id)
        .setMode("callback")
        .build();
  }

  @Benchmark
  public long restart() throws JournalOpenException {
    LiveRecords live = new LiveRecords();
    try (JournalStore store = open()) {
      store.replay(live::follow);
      return store.stats().replayed();
    }
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    if (home == null) {
      return;
    }
    try (Stream<Path> paths = Files.walk(home)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private JournalStore open() throws JournalOpenException {
    if (home == null) {
      throw new IllegalStateException("not set up");
    }
    return JournalStore.open(
        JournalOptions.of(home.resolve("journal")), new SecureRandom(), new Immediate());
  }

  private static void append(Writer writer, Semaphore free, Record.Builder record)
      throws InterruptedException {
    free.acquire();
    writer.write(
        record,
        Durability.FORCED,
        Need.ESSENTIAL,
        new Writer.Written() {
          @Override
          public void durable() {
            free.release();
          }

          @Override
          public void refused(String reason) {
            throw new IllegalStateException(reason);
          }

          @Override
          public void inDoubt(String reason) {
            throw new IllegalStateException(reason);
          }
        });
  }

  /** Completions run on the journal's thread. */
  private static final class Immediate implements EngineLoop {
    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public long epochMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      throw new IllegalStateException("nothing is to wait here");
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }
  }
}
