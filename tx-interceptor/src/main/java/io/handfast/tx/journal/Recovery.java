package io.handfast.tx.journal;

import io.handfast.tx.journal.Frame.Kind;
import io.handfast.tx.journal.Frame.Salt;
import io.handfast.tx.journal.JournalOpenException.Damaged;
import io.handfast.tx.journal.SegmentLog.Segment;
import io.handfast.tx.journal.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings a journal back: {@link #scan} reads everything and changes nothing, {@link #repair} makes
 * what survived durable in a new segment, {@link #replay} hands it out. Confined to the thread that
 * opens.
 *
 * <p>What stands up to the newest LSN that some frame or header tells to be durable is
 * <em>proven</em> and must be intact. The <em>tail</em> behind it in the newest segment was written
 * by a process that died, or whose last sync failed: a read may come from a page cache that the
 * disk knows nothing of, and a sync that now succeeds proves nothing. So its intact beginning is
 * copied to a new file, forced there, and the new segment's header says where the old one ends; the
 * rest is thereby cut, durably, in the one rename that publishes the segment (T13).
 */
final class Recovery {

  private final Disk disk;
  private final StoreFile store;

  /** Oldest first, without those that a checkpoint made superfluous. */
  private final List<Segment> segments = new ArrayList<>();

  private final List<String> superfluous = new ArrayList<>();

  /** The newest file is a segment whose creation was torn: it has no header and no frame. */
  private boolean tornCreation;

  private Replay.@Nullable Checkpoint running;
  private int liveSeen;
  private Replay.@Nullable Checkpoint checkpoint;
  private long lastLsn;

  /** Where the tail of the newest segment begins and ends, and the LSN before it. */
  private int tailStart = SegmentHeader.BYTES;

  private int tailEnd = SegmentHeader.BYTES;
  private long provenLsn;

  /**
   * Prepares to bring back a journal.
   *
   * @param store who it is, as of its last open
   */
  Recovery(Disk disk, StoreFile store) {
    this.disk = disk;
    this.store = store;
  }

  /** Reads all segments and tells a torn tail from damage. */
  void scan() throws IOException, JournalOpenException {
    List<Long> numbers = segmentNumbers(disk);
    if (numbers.isEmpty()) {
      throw new Damaged(disk.describe(SegmentHeader.fileName(1)), 0, "there is no segment at all");
    }
    List<SegmentHeader> headers = readHeaders(numbers);
    if (headers.isEmpty()) {
      return;
    }
    SegmentHeader newest = headers.getLast();
    if (!tornCreation && newest.incarnation() < store.incarnation()) {
      throw missing(newest.number() + 1);
    }
    lastLsn = headers.getFirst().baseLsn() - 1;
    for (int i = 0; i < headers.size(); i++) {
      boolean last = i == headers.size() - 1;
      scanSegment(headers.get(i), last ? null : headers.get(i + 1));
    }
    checkBeginning(headers.getFirst());
  }

  /**
   * Makes what survived durable in a new segment and returns the log that goes on from there.
   *
   * @param ahead how many bytes of zeros are kept ahead
   * @param incarnation of the open that runs
   */
  SegmentLog repair(int segmentBytes, int ahead, long incarnation) throws IOException {
    for (String name : disk.list()) {
      if (SegmentWriter.isTemporary(name)) {
        disk.delete(name);
      }
    }
    ByteBuffer buffer = SegmentWriter.newBuffer(disk);
    ByteBuffer old = ByteBuffer.allocate(SegmentHeader.BYTES);
    SegmentHeader header = new SegmentHeader(store.storeId(), 1, 1, 0, incarnation);
    Segment newest = segments.isEmpty() ? null : segments.removeLast();
    if (newest != null) {
      old = disk.read(SegmentHeader.fileName(newest.header().number()), tailEnd);
      header = successor(newest.header(), incarnation);
      if (header.number() != newest.header().number()) {
        segments.add(new Segment(newest.header(), tailStart, newest.fileBytes()));
      }
    }
    SegmentWriter writer = SegmentWriter.create(disk, header, buffer);
    if (newest != null) {
      copyTail(new SegmentReader(newest.header(), old), writer);
    }
    writer.publish();
    SegmentLog log =
        new SegmentLog(disk, segmentBytes, ahead, List.copyOf(segments), writer, buffer, lastLsn);
    segments.add(new Segment(header, writer.bytes(), writer.bytes()));
    return log;
  }

  /** Deletes the segments that a checkpoint had made superfluous when a crash came between. */
  void deleteSuperfluous() throws IOException {
    for (String name : superfluous) {
      disk.delete(name);
    }
    if (!superfluous.isEmpty()) {
      disk.forceDirectory();
    }
  }

  /** What hands out the records, once repaired. */
  Replay replay() {
    return new Replay(disk, List.copyOf(segments), checkpoint);
  }

  /** What {@link #scan} found. */
  JournalReport report() throws IOException {
    List<JournalReport.Segment> parts =
        segments.stream()
            .map(it ->
                new JournalReport.Segment(
                    SegmentHeader.fileName(it.header().number()),
                    it.header().baseLsn(),
                    it.header().incarnation(),
                    it.end(),
                    it.fileBytes()))
            .toList();
    return new JournalReport(
        store.hexId(),
        store.incarnation(),
        store.owner(),
        store.formerHexIds(),
        parts,
        segments.isEmpty() ? 1 : segments.getFirst().header().baseLsn(),
        lastLsn,
        provenLsn,
        coveredLsn(),
        cut());
  }

  /** What the next open cuts: what is behind the tail's intact part and no zero. */
  private JournalReport.@Nullable Cut cut() throws IOException {
    if (segments.isEmpty()) {
      return null;
    }
    Segment newest = segments.getLast();
    String name = SegmentHeader.fileName(newest.header().number());
    ByteBuffer bytes = disk.read(name, Integer.MAX_VALUE);
    int last = bytes.limit() - 1;
    while (last >= tailEnd && bytes.get(last) == 0) {
      last--;
    }
    return last < tailEnd
        ? null
        : new JournalReport.Cut(disk.describe(name), tailEnd, last + 1 - tailEnd, lastLsn);
  }

  /** What the last complete checkpoint covers; 0 if there is none. */
  long coveredLsn() {
    Replay.Checkpoint from = checkpoint;
    return from == null ? 0 : from.uptoLsn();
  }

  /** The newest incarnation that any file tells. */
  long newestIncarnation() {
    long headers =
        segments.stream().mapToLong(segment -> segment.header().incarnation()).max().orElse(0);
    return Math.max(headers, store.incarnation());
  }

  long lastLsn() {
    return lastLsn;
  }

  /** The numbers of the segments in a directory, ascending. */
  static List<Long> segmentNumbers(Disk disk) throws IOException {
    return disk.list().stream()
        .map(SegmentHeader::numberOf)
        .flatMap(Optional::stream)
        .sorted()
        .toList();
  }

  /** The headers of the unbroken run of segments that ends with the newest, oldest first. */
  private List<SegmentHeader> readHeaders(List<Long> numbers)
      throws IOException, JournalOpenException {
    List<SegmentHeader> headers = new ArrayList<>();
    long newest = numbers.getLast();
    for (int i = numbers.size() - 1; i >= 0; i--) {
      long number = numbers.get(i);
      String name = SegmentHeader.fileName(number);
      if (number != newest - (numbers.size() - 1 - i)) {
        // A gap: whether what is below matters is seen when the checkpoint is known.
        numbers.subList(0, i + 1).forEach(old -> superfluous.add(SegmentHeader.fileName(old)));
        break;
      }
      Optional<SegmentHeader> header =
          SegmentHeader.decode(disk.read(name, SegmentHeader.BYTES), disk.describe(name));
      if (header.isPresent()) {
        checkIdentity(header.get(), number);
        headers.addFirst(header.get());
      } else if (number == newest && !holdsFrames(number)) {
        tornCreation = true;
      } else {
        throw new Damaged(disk.describe(name), 0, "the header is not intact");
      }
    }
    if (headers.isEmpty() && newest != 1) {
      throw missing(newest - 1);
    }
    return headers;
  }

  private void scanSegment(SegmentHeader header, @Nullable SegmentHeader next)
      throws IOException, JournalOpenException {
    String name = SegmentHeader.fileName(header.number());
    if (header.baseLsn() != lastLsn + 1) {
      throw new Damaged(
          disk.describe(name),
          0,
          "it begins with LSN %d after LSN %d".formatted(header.baseLsn(), lastLsn));
    }
    ByteBuffer bytes = disk.read(name, Integer.MAX_VALUE);
    int fileBytes = bytes.limit();
    if (next != null) {
      if (next.previousEnd() > bytes.limit()) {
        throw new Damaged(
            disk.describe(name),
            bytes.limit(),
            "it ends here, but its successor says at byte " + next.previousEnd());
      }
      bytes.limit((int) next.previousEnd());
    }
    SegmentReader reader = new SegmentReader(header, bytes);
    long durable = header.baseLsn() - 1;
    for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      durable = Math.max(durable, frame.get().durableLsn());
      follow(frame.get(), name);
    }
    lastLsn = reader.lastLsn();
    if (!reader.atEnd() && (next != null || reader.provenDamaged())) {
      throw new Damaged(disk.describe(name), reader.position(), "the record is not intact");
    }
    segments.add(new Segment(header, reader.position(), fileBytes));
    if (next == null) {
      findTail(header, bytes, reader.position(), durable);
    }
  }

  private void findTail(SegmentHeader header, ByteBuffer bytes, int end, long durable) {
    tailEnd = end;
    provenLsn = durable;
    SegmentReader reader = new SegmentReader(header, bytes);
    for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      if (frame.get().kind().takesLsn() && frame.get().lsn() <= durable) {
        tailStart = frame.get().end();
      }
    }
  }

  /** Keeps account of checkpoints; one whose end is not there never happened. */
  private void follow(Frame frame, String name) throws Damaged {
    ByteBuffer payload = frame.payload();
    switch (frame.kind()) {
      case RECORD, MARK -> {}
      case CHECKPOINT_BEGIN -> {
        running = new Replay.Checkpoint(frame.lsn(), payload.getLong(0), payload.getInt(8));
        liveSeen = 0;
      }
      case LIVE -> liveSeen++;
      case CHECKPOINT_END -> {
        Replay.Checkpoint ended = running;
        if (ended != null) {
          if (ended.lsn() != payload.getLong(0) || ended.count() != liveSeen) {
            throw new Damaged(
                disk.describe(name), frame.offset(), "it ends a checkpoint that is not there");
          }
          checkpoint = ended;
          running = null;
        }
      }
    }
  }

  /** The oldest segment is the first of all, or nothing before it matters any more. */
  private void checkBeginning(SegmentHeader first) throws Damaged {
    if (first.number() != 1 && coveredLsn() < first.baseLsn() - 1) {
      throw missing(first.number() - 1);
    }
  }

  private SegmentHeader successor(SegmentHeader newest, long incarnation) {
    boolean replace = !tornCreation && tailStart == SegmentHeader.BYTES;
    return new SegmentHeader(
        store.storeId(),
        replace ? newest.number() : newest.number() + 1,
        provenLsn + 1,
        replace ? newest.previousEnd() : tailStart,
        incarnation);
  }

  private void copyTail(SegmentReader reader, SegmentWriter writer) throws IOException {
    for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      Frame copied = frame.get();
      if (copied.offset() >= tailStart && copied.kind() != Kind.MARK) {
        writer.append(copied.kind(), copied.lsn(), provenLsn, copied.payload());
      }
    }
  }

  private boolean holdsFrames(long number) throws IOException {
    ByteBuffer bytes = disk.read(SegmentHeader.fileName(number), Integer.MAX_VALUE);
    return SegmentReader.holdsFrames(bytes, new Salt(store.storeId(), number));
  }

  private void checkIdentity(SegmentHeader header, long number) throws Damaged {
    if (header.number() != number || !header.storeId().equals(store.storeId())) {
      throw new Damaged(
          disk.describe(SegmentHeader.fileName(number)),
          0,
          "it is segment %d of store %s".formatted(header.number(), header.storeId()));
    }
  }

  private Damaged missing(long number) {
    return new Damaged(disk.describe(SegmentHeader.fileName(number)), 0, "the segment is missing");
  }
}
