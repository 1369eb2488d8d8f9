package io.handfast.benchmarks;

import io.handfast.tx.journal.AppendCallback;
import io.handfast.tx.journal.AppendResult;
import io.handfast.tx.journal.Journal;
import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import io.handfast.tx.journal.JournalFailure;
import io.handfast.tx.journal.JournalOpenException;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.journal.JournalRuntime;
import io.handfast.tx.journal.ReplayVisitor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Records forced per second: group commit lets many writers share one sync. {@link #bareSync} is
 * the disk's own figure beside it, a write and an fdatasync by one thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class JournalBenchmark {
  private static final int RECORD_BYTES = 256;

  /** Where the journal is laid: on the disk in question, so not in a tmpfs. */
  @Param("target")
  public String directory = "target";

  /** Zeros that are written ahead, so that a force changes no metadata; 0 for none. */
  @Param({"1048576", "0"})
  public int preallocatedBytes = 1 << 20;

  private @Nullable Path home;
  private @Nullable Journal journal;
  private @Nullable FileChannel bare;
  private final byte[] record = new byte[RECORD_BYTES];

  @Setup
  public void open() throws IOException, JournalOpenException {
    Path made =
        Files.createTempDirectory(Files.createDirectories(Path.of(directory)), "journal-benchmark");
    home = made;
    journal =
        Journal.open(
            JournalOptions.of(made.resolve("journal")).withPreallocatedBytes(preallocatedBytes),
            new JournalRuntime(
                System::nanoTime,
                new SecureRandom(),
                Runnable::run,
                failure -> System.err.println("the journal has stopped: " + failure)),
            new IgnoreReplay());
    bare =
        FileChannel.open(
            made.resolve("bare"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @TearDown
  public void close() throws IOException {
    opened(journal).close();
    opened(bare).close();
    try (Stream<Path> paths = Files.walk(opened(home))) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Benchmark
  @Threads(1)
  public long forcedByOneWriter() {
    return force();
  }

  @Benchmark
  @Threads(8)
  public long forcedByEightWriters() {
    return force();
  }

  @Benchmark
  @Threads(64)
  public long forcedBySixtyFourWriters() {
    return force();
  }

  @Benchmark
  @Threads(1)
  public int bareSync() throws IOException {
    int written = opened(bare).write(ByteBuffer.wrap(record));
    opened(bare).force(false);
    return written;
  }

  private long force() {
    Journal open = opened(journal);
    CompletableFuture<Long> durable = new CompletableFuture<>();
    AppendResult result =
        open.append(
            Durability.FORCED, Need.NEW_WORK, record, Runnable::run, new Completing(durable));
    if (!(result instanceof AppendResult.Accepted)) {
      throw new IllegalStateException("append: " + result + " (expected: accepted)");
    }
    if (open.shouldCheckpoint()) {
      open.checkpoint(
          Journal.Snapshot.of(List.of()),
          open.lastLsn(),
          Runnable::run,
          new Completing(new CompletableFuture<>()));
    }
    return durable.join();
  }

  private static <T> T opened(@Nullable T resource) {
    if (resource == null) {
      throw new IllegalStateException("not opened");
    }
    return resource;
  }

  private record Completing(CompletableFuture<Long> durable) implements AppendCallback {
    @Override
    public void onDurable(long lsn) {
      durable.complete(lsn);
    }

    @Override
    public void onFailed(long lsn, JournalFailure failure) {
      durable.completeExceptionally(new IOException("the journal has stopped: " + failure));
    }
  }

  private record IgnoreReplay() implements ReplayVisitor {
    @Override
    public void onCheckpointed(long uptoLsn, byte[] payload) {}

    @Override
    public void onRecord(long lsn, byte[] payload) {}
  }
}
