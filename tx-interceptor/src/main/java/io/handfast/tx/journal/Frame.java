package io.handfast.tx.journal;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * One framed record of a segment, as read. Immutable apart from the shared bytes.
 *
 * <pre>
 *  0  u32  length of the payload
 *  4  u32  CRC-32C of store-id, segment number, length, bytes 8 to 23 and the payload
 *  8  u64  LSN
 * 16  u32  LSN minus the newest LSN that was known durable when this was written
 * 20  u8   kind
 * 21  u8×3 zero
 * 24       payload
 * </pre>
 *
 * <p>Store-id and segment number are in the CRC but not in the frame: bytes of another journal, or
 * of a segment file that was used before, are never taken for records.
 *
 * @param offset where the frame begins, in bytes from the start of the segment
 * @param payload a view of the payload
 */
record Frame(Kind kind, long lsn, long durableLsn, int offset, ByteBuffer payload) {

  static final int HEADER_BYTES = 24;

  /** What a frame is. The code is what stands on disk. */
  enum Kind {
    /** A record of the caller's; takes the next LSN. */
    RECORD(1),
    /**
     * A checkpoint begins: u64 the LSN it covers, u32 how many live records; takes the next LSN.
     */
    CHECKPOINT_BEGIN(2),
    /** A live record of the checkpoint that runs; has the LSN of the record before it. */
    LIVE(3),
    /** The checkpoint is complete: u64 LSN of its begin, u32 how many; LSN as LIVE. */
    CHECKPOINT_END(4),
    /** Says only what is durable; LSN as LIVE. */
    MARK(5);

    private static final Kind[] VALUES = values();

    final int code;

    Kind(int code) {
      this.code = code;
    }

    /** Whether a frame of this kind has an LSN of its own. */
    boolean takesLsn() {
      return this == RECORD || this == CHECKPOINT_BEGIN;
    }

    static Optional<Kind> of(int code) {
      return code >= 1 && code <= VALUES.length ? Optional.of(VALUES[code - 1]) : Optional.empty();
    }
  }

  /** Where the next frame begins. */
  int end() {
    return offset + HEADER_BYTES + payload.remaining();
  }

  byte[] payloadBytes() {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(payload.position(), bytes);
    return bytes;
  }

  /** Appends a frame to a buffer that has room for it. */
  static void encode(
      ByteBuffer out, Salt salt, Kind kind, long lsn, long durableLsn, ByteBuffer payload) {
    int start = out.position();
    out.putInt(payload.remaining()).putInt(0).putLong(lsn);
    out.putInt(Math.toIntExact(lsn - durableLsn)).put((byte) kind.code);
    out.put((byte) 0).putShort((short) 0);
    out.put(payload.duplicate());
    out.putInt(start + 4, salt.crc(out, start, out.position() - start));
  }

  /**
   * Reads the frame at an offset.
   *
   * @return empty if there is no intact frame
   */
  static Optional<Frame> decode(ByteBuffer bytes, Salt salt, int offset) {
    int available = bytes.limit() - offset - HEADER_BYTES;
    if (available < 0) {
      return Optional.empty();
    }
    int length = bytes.getInt(offset);
    if (length < 0 || length > available || length > Journal.MAX_RECORD_BYTES) {
      return Optional.empty();
    }
    Optional<Kind> kind = Kind.of(bytes.get(offset + 20));
    if (kind.isEmpty()
        || bytes.getInt(offset + 4) != salt.crc(bytes, offset, HEADER_BYTES + length)) {
      return Optional.empty();
    }
    long lsn = bytes.getLong(offset + 8);
    long durableLsn = lsn - Integer.toUnsignedLong(bytes.getInt(offset + 16));
    ByteBuffer payload = bytes.slice(offset + HEADER_BYTES, length);
    return Optional.of(new Frame(kind.get(), lsn, durableLsn, offset, payload));
  }

  /** What every CRC of one segment begins with. Confined to one thread. */
  static final class Salt {

    private final ByteBuffer prefix = ByteBuffer.allocate(24);
    private final CRC32C crc = new CRC32C();

    Salt(UUID storeId, long segment) {
      prefix.putLong(storeId.getMostSignificantBits());
      prefix.putLong(storeId.getLeastSignificantBits());
      prefix.putLong(segment);
    }

    /** The CRC of a frame; its own CRC field is left out. */
    int crc(ByteBuffer bytes, int start, int length) {
      crc.reset();
      crc.update(prefix.array());
      ByteBuffer view = bytes.duplicate();
      crc.update(view.limit(start + 4).position(start));
      crc.update(view.limit(start + length).position(start + 8));
      return (int) crc.getValue();
    }
  }
}
