package io.handfast.tx.journal;

import io.handfast.tx.journal.disk.Disk;
import io.handfast.tx.journal.disk.Disk.JournalFile;
import io.handfast.tx.journal.disk.FileDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * What is done to a journal, or to its backup, while no sidecar has it open: each refuses one that
 * is locked. Reads change nothing. Blocks: for a command line.
 */
public final class JournalFiles {
  private static final int COPY_BYTES = 1 << 20;

  private JournalFiles() {}

  /** Sees all that stands in the segments, in order. */
  @FunctionalInterface
  public interface FrameVisitor {

    /**
     * A frame.
     *
     * @param segment file name
     * @param offset where it begins, in bytes
     * @param kind {@code record}, {@code checkpoint-begin}, {@code live}, {@code checkpoint-end},
     *     {@code mark}
     * @param lsn its own, or that of the record before it
     * @param durableLsn the newest that was known durable when it was written
     * @param payload of records and live records; empty otherwise
     */
    void onFrame(
        String segment, int offset, String kind, long lsn, long durableLsn, byte[] payload);
  }

  private interface Work<T> {
    T with(Disk disk, StoreFile store) throws IOException, JournalOpenException;
  }

  /**
   * Checks every checksum and the order of all records.
   *
   * @throws JournalOpenException naming file and offset if it is damaged; also if it is in use, or
   *     there is none
   */
  public static JournalReport verify(Path directory) throws JournalOpenException {
    return locked(directory, (disk, store) -> scanned(disk, store).report());
  }

  /** The same, and hands out every frame that survives. */
  public static JournalReport dump(Path directory, FrameVisitor visitor)
      throws JournalOpenException {
    return locked(
        directory,
        (disk, store) -> {
          JournalReport report = scanned(disk, store).report();
          for (JournalReport.Segment segment : report.segments()) {
            frames(disk, segment, visitor);
          }
          return report;
        });
  }

  /**
   * Copies a journal that is intact to a new directory, durably. The copy is no journal: it cannot
   * be opened until it is {@link #restore restored}, so that nobody answers from absence in the
   * name of what was decided after it was made (T13).
   *
   * @param to must not exist, or be empty
   */
  public static JournalReport backup(Path directory, Path to) throws JournalOpenException {
    return locked(
        directory,
        (disk, store) -> {
          JournalReport report = scanned(disk, store).report();
          Disk copy = new FileDisk(to);
          copy.createDirectory();
          if (!copy.list().isEmpty()) {
            throw new JournalOpenException.Misplaced(
                to.toString(), "it is not empty", "an empty directory, or none, for the backup");
          }
          for (JournalReport.Segment segment : report.segments()) {
            copy(disk, segment, copy);
          }
          copy.forceDirectory();
          // Last: a copy without it is not taken for a backup.
          store.write(copy, StoreFile.BACKUP_NAME);
          return report;
        });
  }

  /**
   * Makes a journal of a backup: with an identity of its own, and knowing that of the backup's
   * journal as a former one. It appears whole or not at all.
   *
   * @param backup as {@link #backup} made it
   * @param to must not exist
   * @param live turns what the backup holds, in order, into the records of the new journal; it is
   *     told the backup's identity
   * @return the new journal's
   */
  public static JournalReport restore(Path backup, Path to, JournalRuntime runtime, Rewriting live)
      throws JournalOpenException {
    return locked(
        backup,
        (disk, store) -> {
          if (!disk.list().contains(StoreFile.BACKUP_NAME)) {
            throw new JournalOpenException.Misplaced(
                backup.toString(),
                "it holds a journal and no backup",
                "a directory that `handfast journal backup` made; a journal is opened as it is");
          }
          if (Files.exists(to)) {
            throw new JournalOpenException.Misplaced(
                to.toString(), "it exists", "the name of a new directory");
          }
          Path made = to.resolveSibling(to.getFileName() + ".restoring");
          if (Files.exists(made)) {
            throw new JournalOpenException.Misplaced(
                made.toString(),
                "a restore that did not end has left it",
                "removed, if none is running: nothing needs it; then restore again");
          }
          List<byte[]> held = held(disk, store);
          List<UUID> formers = new ArrayList<>(store.formerIds());
          formers.add(store.storeId());
          write(
              made,
              runtime,
              StoreFile.drawn(runtime.random(), formers),
              live.of(store.hexId(), held));
          Files.move(made, to, StandardCopyOption.ATOMIC_MOVE);
          force(Objects.requireNonNull(to.toAbsolutePath().getParent()));
          return verify(to);
        });
  }

  /** Turns the payloads of a backup into those of the journal that is made of it. */
  @FunctionalInterface
  public interface Rewriting {

    /**
     * The new payloads.
     *
     * @param storeId of the backup's journal
     * @param held what it holds, in order
     */
    List<byte[]> of(String storeId, List<byte[]> held);
  }

  private static List<byte[]> held(Disk disk, StoreFile store)
      throws IOException, JournalOpenException {
    List<byte[]> held = new ArrayList<>();
    scanned(disk, store)
        .replay()
        .run(
            new ReplayVisitor() {
              @Override
              public void onCheckpointed(long uptoLsn, byte[] payload) {
                held.add(payload);
              }

              @Override
              public void onRecord(long lsn, byte[] payload) {
                held.add(payload);
              }
            });
    return held;
  }

  private static void write(
      Path made, JournalRuntime runtime, StoreFile store, List<byte[]> records)
      throws JournalOpenException, IOException {
    CompletableFuture<Long> done = new CompletableFuture<>();
    try (FileJournal journal =
        FileJournal.create(JournalOptions.of(made), runtime, new FileDisk(made), store)) {
      journal.startWriting();
      AppendResult result =
          journal.checkpoint(
              Journal.Snapshot.of(records), journal.lastLsn(), Runnable::run, told(done));
      if (result instanceof AppendResult.Refusal refusal) {
        throw new IOException(refusal.reason());
      }
      done.get();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static AppendCallback told(CompletableFuture<Long> done) {
    return new AppendCallback() {
      @Override
      public void onDurable(long lsn) {
        done.complete(lsn);
      }

      @Override
      public void onFailed(long lsn, JournalFailure failure) {
        done.completeExceptionally(new IOException(failure.reason()));
      }
    };
  }

  private static void frames(Disk disk, JournalReport.Segment segment, FrameVisitor visitor)
      throws IOException, JournalOpenException {
    ByteBuffer bytes = disk.read(segment.file(), (int) segment.bytes());
    SegmentHeader header = SegmentHeader.decode(bytes, disk.describe(segment.file())).orElseThrow();
    SegmentReader reader = new SegmentReader(header, bytes);
    for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      Frame read = frame.get();
      byte[] payload =
          switch (read.kind()) {
            case RECORD, LIVE -> read.payloadBytes();
            case CHECKPOINT_BEGIN, CHECKPOINT_END, MARK -> new byte[0];
          };
      visitor.onFrame(
          segment.file(), read.offset(), name(read.kind()), read.lsn(), read.durableLsn(), payload);
    }
  }

  private static String name(Frame.Kind kind) {
    return switch (kind) {
      case RECORD -> "record";
      case CHECKPOINT_BEGIN -> "checkpoint-begin";
      case LIVE -> "live";
      case CHECKPOINT_END -> "checkpoint-end";
      case MARK -> "mark";
    };
  }

  private static void copy(Disk from, JournalReport.Segment segment, Disk to) throws IOException {
    ByteBuffer bytes = from.read(segment.file(), (int) segment.bytes());
    try (JournalFile file = to.create(segment.file())) {
      while (bytes.hasRemaining()) {
        int part = Math.min(COPY_BYTES, bytes.remaining());
        file.write(bytes.slice(bytes.position(), part));
        bytes.position(bytes.position() + part);
      }
      file.force();
    }
  }

  private static Recovery scanned(Disk disk, StoreFile store)
      throws IOException, JournalOpenException {
    Recovery recovery = new Recovery(disk, store);
    recovery.scan();
    return recovery;
  }

  private static <T> T locked(Path directory, Work<T> work) throws JournalOpenException {
    Disk disk = new FileDisk(directory);
    try {
      String name = Files.isDirectory(directory) ? storeName(disk) : "";
      if (name.isEmpty()) {
        throw new JournalOpenException.Misplaced(
            directory.toString(), "there is no journal", "the directory of a journal or a backup");
      }
      try (Closeable lock = disk.lock()) {
        if (lock == null) {
          throw new JournalOpenException.Locked(directory.toString());
        }
        return work.with(disk, StoreFile.read(disk, name));
      }
    } catch (IOException e) {
      throw new JournalOpenException.Io(directory.toString(), e);
    }
  }

  /** Empty if there is none. */
  private static String storeName(Disk disk) throws IOException {
    List<String> files = disk.list();
    if (files.contains(StoreFile.NAME)) {
      return StoreFile.NAME;
    }
    return files.contains(StoreFile.BACKUP_NAME) ? StoreFile.BACKUP_NAME : "";
  }

  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
