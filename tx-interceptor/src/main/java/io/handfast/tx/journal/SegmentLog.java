package io.handfast.tx.journal;

import io.handfast.tx.journal.Frame.Kind;
import io.handfast.tx.journal.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The segments of an open journal: frames go to the newest, finished ones are sealed and one day
 * deleted. Confined to the writer thread. After an {@link IOException} it is not used again.
 */
final class SegmentLog {

  /**
   * A segment that is there.
   *
   * @param end where its last frame ends
   * @param fileBytes how large the file is: zeros, or what was cut, may follow
   */
  record Segment(SegmentHeader header, long end, long fileBytes) {}

  private final Disk disk;
  private final int segmentBytes;
  private final int ahead;
  private final ByteBuffer buffer;
  private final Deque<Segment> sealed;
  private SegmentWriter active;
  private long lastLsn;
  private long durableLsn;

  /** The newest LSN that a frame on disk tells to be durable. */
  private long toldLsn;

  private long sealedBytes;
  private long unforcedBytes;
  private long writtenBytes;
  private String operation = "open";

  /**
   * Goes on after recovery.
   *
   * @param ahead how many bytes of zeros are kept ahead in the newest
   * @param sealed finished segments, oldest first
   * @param active the newest, published
   * @param lastLsn the newest record, durable
   */
  SegmentLog(
      Disk disk,
      int segmentBytes,
      int ahead,
      List<Segment> sealed,
      SegmentWriter active,
      ByteBuffer buffer,
      long lastLsn) {
    this.disk = disk;
    this.segmentBytes = segmentBytes;
    this.ahead = ahead;
    active.allocateAhead(ahead, segmentBytes);
    this.sealed = new ArrayDeque<>(sealed);
    this.active = active;
    this.buffer = buffer;
    this.lastLsn = lastLsn;
    this.durableLsn = lastLsn;
    this.toldLsn = active.header().baseLsn() - 1;
    this.sealedBytes = sealed.stream().mapToLong(Segment::fileBytes).sum();
  }

  /** Appends a frame and returns its LSN. */
  long append(Kind kind, ByteBuffer payload) throws IOException {
    operation = "write";
    if (kind.takesLsn()) {
      lastLsn++;
    }
    long before = active.bytes();
    active.append(kind, lastLsn, durableLsn, payload);
    toldLsn = durableLsn;
    unforcedBytes += active.bytes() - before;
    writtenBytes += active.bytes() - before;
    return lastLsn;
  }

  /** Hands everything to the operating system: it survives the death of this process. */
  void flush() throws IOException {
    operation = "write";
    active.flush();
  }

  /** Makes everything durable. */
  void force() throws IOException {
    flush();
    operation = "force";
    active.force();
    durableLsn = lastLsn;
    unforcedBytes = 0;
  }

  /**
   * Writes that everything is durable, if no frame says so yet. Not forced: what it says is true
   * whether or not it survives. It lets a restart tell damage from a torn tail, and spares it the
   * copy of the tail.
   */
  void mark() throws IOException {
    if (toldLsn < durableLsn) {
      append(Kind.MARK, ByteBuffer.allocate(0));
      flush();
    }
  }

  /** Whether the newest segment is finished. */
  boolean isFull() {
    return active.bytes() >= segmentBytes;
  }

  /** Seals the newest segment, whose every byte is durable, and begins the next. */
  void roll() throws IOException {
    if (unforcedBytes > 0) {
      throw new IllegalStateException(
          "segment %s: %d bytes not forced (expected: none before the next begins)"
              .formatted(active.name(), unforcedBytes));
    }
    operation = "creation of the successor";
    SegmentHeader old = active.header();
    SegmentHeader next =
        new SegmentHeader(
            old.storeId(), old.number() + 1, lastLsn + 1, active.bytes(), old.incarnation());
    SegmentWriter created = SegmentWriter.create(disk, next, buffer);
    created.publish();
    created.allocateAhead(ahead, segmentBytes);
    operation = "close";
    active.close();
    sealed.add(new Segment(old, active.bytes(), active.fileBytes()));
    sealedBytes += active.fileBytes();
    active = created;
    toldLsn = lastLsn;
  }

  /** Deletes the segments that hold nothing above an LSN, oldest first; returns how many. */
  int deleteUpTo(long lsn) throws IOException {
    operation = "deletion";
    int deleted = 0;
    while (!sealed.isEmpty() && baseAfterFirst() <= lsn + 1) {
      Segment oldest = sealed.removeFirst();
      disk.delete(SegmentHeader.fileName(oldest.header().number()));
      sealedBytes -= oldest.fileBytes();
      deleted++;
    }
    if (deleted > 0) {
      disk.forceDirectory();
    }
    return deleted;
  }

  void close() throws IOException {
    operation = "close";
    active.close();
  }

  /** How many bytes wait for a force. */
  long unforcedBytes() {
    return unforcedBytes;
  }

  /** How many bytes were written since it was opened. */
  long writtenBytes() {
    return writtenBytes;
  }

  long usedBytes() {
    return sealedBytes + active.fileBytes();
  }

  int segments() {
    return sealed.size() + 1;
  }

  long freeBytes() throws IOException {
    return disk.usableBytes();
  }

  /** What was tried last, for the message of a failure. */
  String operation() {
    return operation;
  }

  /** What people call the file that was last written. */
  String file() {
    return disk.describe(active.name());
  }

  private long baseAfterFirst() {
    return sealed.stream()
        .skip(1)
        .findFirst()
        .map(Segment::header)
        .orElse(active.header())
        .baseLsn();
  }
}
