package io.handfast.tx.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.handfast.tx.journal.AppendResult.Accepted;
import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** A journal on a fake disk whose writer and clock are turned by hand, with what it was told. */
final class TestJournal {

  final AtomicLong clock = new AtomicLong();
  final List<JournalFailure> stopped = new ArrayList<>();

  /** What was replayed: {@code live:x} from the checkpoint, {@code lsn:x} otherwise. */
  final List<String> replayed = new ArrayList<>();

  /** LSNs told durable, and failed, in the order they were told. */
  final List<Long> durable = new ArrayList<>();

  final List<Long> failed = new ArrayList<>();

  /** LSNs told written, in the order they were told. */
  final List<Long> written = new ArrayList<>();

  /** Run when an append is told written. */
  Runnable onWritten = () -> {};

  final FileJournal journal;

  TestJournal(FakeDisk disk) throws JournalOpenException {
    this(disk, options());
  }

  TestJournal(FakeDisk disk, JournalOptions options) throws JournalOpenException {
    JournalRuntime runtime =
        new JournalRuntime(clock::get, new Random(7), Runnable::run, stopped::add);
    journal = FileJournal.openStepped(options, runtime, disk, recorder(replayed));
  }

  static JournalOptions options() {
    return JournalOptions.of(Path.of("unused"))
        .withSegmentBytes(4096)
        .withPreallocatedBytes(0)
        .withSpace(1 << 20, 0);
  }

  static ReplayVisitor recorder(List<String> into) {
    return new ReplayVisitor() {
      @Override
      public void onCheckpointed(long uptoLsn, byte[] payload) {
        into.add("live:" + new String(payload, UTF_8));
      }

      @Override
      public void onRecord(long lsn, byte[] payload) {
        into.add(lsn + ":" + new String(payload, UTF_8));
      }
    };
  }

  AppendCallback callback() {
    return new AppendCallback() {
      @Override
      public void onWritten(long lsn) {
        written.add(lsn);
        onWritten.run();
      }

      @Override
      public void onDurable(long lsn) {
        durable.add(lsn);
      }

      @Override
      public void onFailed(long lsn, JournalFailure failure) {
        failed.add(lsn);
      }
    };
  }

  AppendResult append(Durability durability, Need need, byte[] payload) {
    return journal.append(durability, need, payload, Runnable::run, callback());
  }

  /** Appends essential text and returns its LSN. */
  long append(Durability durability, String text) {
    return ((Accepted) append(durability, Need.ESSENTIAL, text.getBytes(UTF_8))).lsn();
  }

  long forced(String text) {
    return append(Durability.FORCED, text);
  }

  long overlapped(String text) {
    return append(Durability.OVERLAPPED, text);
  }

  long lazy(String text) {
    return append(Durability.LAZY, text);
  }

  AppendResult checkpoint(long upto, String... live) {
    List<byte[]> payloads = new ArrayList<>();
    for (String text : live) {
      payloads.add(text.getBytes(UTF_8));
    }
    return journal.checkpoint(Journal.Snapshot.of(payloads), upto, Runnable::run, callback());
  }

  /** Turns the writer until it has nothing to do before something is appended or time passes. */
  void settle() {
    long wait = 0;
    while (wait == 0) {
      wait = journal.turn();
    }
  }

  void pass(Duration time) {
    clock.addAndGet(time.toNanos());
    settle();
  }

  static void fill(FakeDisk disk, int records) throws JournalOpenException {
    TestJournal test = new TestJournal(disk);
    for (int i = 0; i < records; i++) {
      test.forced("record number %d with some length to it".formatted(i));
      test.settle();
    }
    test.journal.close();
  }

  /** Three records, each forced on its own; the content ends with the third. */
  static byte[] threeRecordsWithoutMark(FakeDisk disk) throws JournalOpenException {
    String first = SegmentHeader.fileName(1);
    TestJournal test = new TestJournal(disk);
    for (String text : List.of("first", "second", "third")) {
      test.forced(text);
      test.settle();
    }
    byte[] content = disk.content(first);
    // What stands between the records are the marks of the idle writer; a busy one writes none.
    SegmentHeader header = SegmentHeader.decode(ByteBuffer.wrap(content), first).orElseThrow();
    ByteBuffer packed = ByteBuffer.allocate(content.length);
    header.encode(packed);
    Frame.Salt salt = new Frame.Salt(header.storeId(), 1);
    SegmentReader reader = new SegmentReader(header, ByteBuffer.wrap(content));
    for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      Frame read = frame.get();
      if (read.kind() == Frame.Kind.RECORD) {
        Frame.encode(packed, salt, read.kind(), read.lsn(), read.durableLsn(), read.payload());
      }
    }
    return Arrays.copyOf(packed.array(), packed.position());
  }
}
