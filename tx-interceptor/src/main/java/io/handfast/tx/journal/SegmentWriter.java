package io.handfast.tx.journal;

import io.handfast.tx.journal.Frame.Kind;
import io.handfast.tx.journal.Frame.Salt;
import io.handfast.tx.journal.disk.Disk;
import io.handfast.tx.journal.disk.Disk.JournalFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes one segment: frames are collected in a buffer and written when it is full or on {@link
 * #flush}. Confined to the writer thread (or to the thread that opens, before there is one).
 */
final class SegmentWriter {

  /** Room for the largest frame, and for many small ones in one write. */
  private static final int BUFFER_BYTES = Journal.MAX_RECORD_BYTES + (256 << 10);

  private static final String TEMPORARY_SUFFIX = ".tmp";

  private final Disk disk;
  private final SegmentHeader header;
  private final JournalFile file;
  private final Salt salt;
  private final ByteBuffer buffer;
  private long bytes = SegmentHeader.BYTES;

  /** What was handed to the operating system, and to where the file has been filled with zeros. */
  private long flushed;

  private long allocated;
  private int ahead;
  private int limit;

  private SegmentWriter(Disk disk, SegmentHeader header, JournalFile file, ByteBuffer buffer) {
    this.disk = disk;
    this.header = header;
    this.file = file;
    this.salt = new Salt(header.storeId(), header.number());
    this.buffer = buffer;
  }

  static ByteBuffer newBuffer(Disk disk) {
    return disk.buffer(BUFFER_BYTES);
  }

  /** Whether a file is a segment that was not finished being created. */
  static boolean isTemporary(String name) {
    return name.endsWith(TEMPORARY_SUFFIX)
        && SegmentHeader.numberOf(name.substring(0, name.length() - TEMPORARY_SUFFIX.length()))
            .isPresent();
  }

  /** Begins a segment under a temporary name; it is none until {@link #publish}. */
  static SegmentWriter create(Disk disk, SegmentHeader header, ByteBuffer buffer)
      throws IOException {
    JournalFile file = disk.create(SegmentHeader.fileName(header.number()) + TEMPORARY_SUFFIX);
    SegmentWriter writer = new SegmentWriter(disk, header, file, buffer);
    buffer.clear();
    header.encode(buffer);
    return writer;
  }

  /**
   * Makes the segment durable with all that was appended, then gives it its name, durably. So a
   * crash never leaves a segment under its name that holds less than it must.
   */
  void publish() throws IOException {
    boolean published = false;
    try {
      force();
      disk.rename(name() + TEMPORARY_SUFFIX, name());
      disk.forceDirectory();
      published = true;
    } finally {
      if (!published) {
        close();
      }
    }
  }

  void append(Kind kind, long lsn, long durableLsn, ByteBuffer payload) throws IOException {
    int size = Frame.HEADER_BYTES + payload.remaining();
    if (buffer.remaining() < size) {
      flush();
    }
    Frame.encode(buffer, salt, kind, lsn, durableLsn, payload);
    bytes += size;
  }

  /** Hands what was appended to the operating system. */
  void flush() throws IOException {
    buffer.flip();
    try {
      if (buffer.hasRemaining()) {
        int written = buffer.remaining();
        file.write(buffer);
        flushed += written;
        allocate();
      }
    } finally {
      buffer.clear();
    }
  }

  /** From now on keeps so many bytes of zeros ahead, up to a size of the segment. */
  void allocateAhead(int bytesAhead, int upto) {
    ahead = bytesAhead;
    limit = upto;
  }

  /** A hint: where the disk does not take it, the next write tells whether it is broken. */
  private void allocate() {
    if (ahead == 0 || flushed <= allocated || flushed >= limit) {
      return;
    }
    allocated = Math.min(limit, flushed + ahead);
    try {
      file.allocate((int) (allocated - flushed));
    } catch (IOException e) {
      ahead = 0;
    }
  }

  /** Flushes and makes everything durable. */
  void force() throws IOException {
    flush();
    file.force();
  }

  void close() throws IOException {
    file.close();
  }

  String name() {
    return SegmentHeader.fileName(header.number());
  }

  SegmentHeader header() {
    return header;
  }

  /** How large the segment is, what is still in the buffer included. */
  long bytes() {
    return bytes;
  }

  /** How large the file is, what is still in the buffer and the zeros ahead included. */
  long fileBytes() {
    return Math.max(bytes, allocated);
  }
}
