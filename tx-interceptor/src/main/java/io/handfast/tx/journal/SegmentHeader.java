package io.handfast.tx.journal;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first 64 bytes of a segment. Immutable. Magic, version and the CRC keep their places in every
 * format version, so that a newer file is told from a broken one.
 *
 * @param storeId the journal that it belongs to
 * @param number 1 for the first segment, no gaps
 * @param baseLsn the first record that may stand here
 * @param previousEnd where the segment before this one ends, in bytes: what follows there was cut;
 *     0 for the first segment
 * @param incarnation the open of the journal that created it
 */
record SegmentHeader(UUID storeId, long number, long baseLsn, long previousEnd, long incarnation) {

  static final int BYTES = 64;
  static final int FORMAT = 1;

  /** "HFJOURNL" */
  static final long MAGIC = 0x48464a4f55524e4cL;

  private static final int CRC_AT = BYTES - Integer.BYTES;
  private static final String SUFFIX = ".seg";
  private static final int DIGITS = 16;

  /** The file name of a segment: its number as 16 hexadecimal digits. */
  static String fileName(long number) {
    return "%016x%s".formatted(number, SUFFIX);
  }

  /** The number that a file name gives; empty if it is not that of a segment. */
  static Optional<Long> numberOf(String fileName) {
    if (!fileName.matches("[0-7][0-9a-f]{" + (DIGITS - 1) + "}\\" + SUFFIX)) {
      return Optional.empty();
    }
    return Optional.of(Long.parseLong(fileName.substring(0, DIGITS), DIGITS));
  }

  void encode(ByteBuffer out) {
    int start = out.position();
    out.putLong(MAGIC).putInt(FORMAT);
    out.putLong(storeId.getMostSignificantBits()).putLong(storeId.getLeastSignificantBits());
    out.putLong(number).putLong(baseLsn).putLong(previousEnd).putLong(incarnation);
    out.putInt(crc(out, start));
  }

  /**
   * Reads a header.
   *
   * @return empty if the bytes are not those of an intact header
   * @throws JournalOpenException.UnsupportedFormat if it is intact and of a newer format
   */
  static Optional<SegmentHeader> decode(ByteBuffer bytes, String file)
      throws JournalOpenException.UnsupportedFormat {
    if (bytes.limit() < BYTES
        || bytes.getLong(0) != MAGIC
        || bytes.getInt(CRC_AT) != crc(bytes, 0)) {
      return Optional.empty();
    }
    int version = bytes.getInt(8);
    if (version != FORMAT) {
      throw new JournalOpenException.UnsupportedFormat(file, version, FORMAT);
    }
    UUID storeId = new UUID(bytes.getLong(12), bytes.getLong(20));
    return Optional.of(
        new SegmentHeader(
            storeId, bytes.getLong(28), bytes.getLong(36), bytes.getLong(44), bytes.getLong(52)));
  }

  private static int crc(ByteBuffer bytes, int start) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().limit(start + CRC_AT).position(start));
    return (int) crc.getValue();
  }
}
