package io.handfast.tx.journal;

import io.handfast.tx.journal.Frame.Salt;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads the frames of one segment in order and stops at the first thing that cannot be the next
 * one. Confined to one thread.
 */
final class SegmentReader {

  private final ByteBuffer bytes;
  private final Salt salt;
  private int position = SegmentHeader.BYTES;
  private long lastLsn;

  /**
   * Reads a segment whose header is intact.
   *
   * @param bytes the segment from its first byte; its limit is where the segment ends
   */
  SegmentReader(SegmentHeader header, ByteBuffer bytes) {
    this.bytes = bytes;
    this.salt = new Salt(header.storeId(), header.number());
    this.lastLsn = header.baseLsn() - 1;
  }

  /** The next frame; empty at the end and where no intact frame that fits in the order stands. */
  Optional<Frame> next() {
    Optional<Frame> frame = Frame.decode(bytes, salt, position);
    if (frame.isEmpty() || !follows(frame.get())) {
      return Optional.empty();
    }
    position = frame.get().end();
    lastLsn = frame.get().lsn();
    return frame;
  }

  /** Where the next frame begins, or what is not one. */
  int position() {
    return position;
  }

  /** The newest LSN read so far. */
  long lastLsn() {
    return lastLsn;
  }

  /** Whether everything was read. */
  boolean atEnd() {
    return position == bytes.limit();
  }

  /**
   * Whether an intact frame behind the one that could not be read proves that what stood there had
   * been durable: then it is damage and no torn tail.
   */
  boolean provenDamaged() {
    for (int at = position + 1; at <= bytes.limit() - Frame.HEADER_BYTES; at++) {
      long lsn = bytes.getLong(at + 8);
      // Cheap checks first: nearly every offset fails here, so the CRC is rarely computed.
      long durable = lsn - Integer.toUnsignedLong(bytes.getInt(at + 16));
      boolean plausible = durable > lastLsn && lsn - lastLsn <= bytes.limit();
      if (plausible && Frame.decode(bytes, salt, at).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** Whether any intact frame stands in a segment, wherever; for one whose header is not intact. */
  static boolean holdsFrames(ByteBuffer bytes, Salt salt) {
    for (int at = 0; at <= bytes.limit() - Frame.HEADER_BYTES; at++) {
      if (Frame.decode(bytes, salt, at).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private boolean follows(Frame frame) {
    long expected = frame.kind().takesLsn() ? lastLsn + 1 : lastLsn;
    return frame.lsn() == expected;
  }
}
