package io.handfast.tx.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.handfast.tx.journal.Disk.JournalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The {@code store} file: who this journal is. Immutable. Text of five lines; the second (format)
 * and the last (CRC-32C of the lines before it) keep their places in every format version.
 *
 * @param storeId drawn once
 * @param incarnation how often the journal was opened
 */
record StoreFile(UUID storeId, long incarnation) {

  static final String NAME = "store";
  private static final String TEMPORARY = NAME + ".tmp";

  private static final int MAX_BYTES = 4096;
  private static final Pattern ENVELOPE =
      Pattern.compile(
          "(handfast-journal\nformat ([0-9]{1,9})\n.*)crc32c ([0-9a-f]{8})\n", Pattern.DOTALL);
  private static final Pattern BODY =
      Pattern.compile(
          "handfast-journal\nformat [0-9]+\nstore-id ([0-9a-f]{32})\nincarnation ([0-9]{1,18})\n");

  /** The store-id as it stands in {@code j.<store-id>}. */
  String hexId() {
    return storeId.toString().replace("-", "");
  }

  /** Replaces the file; durable when this returns. */
  void write(Disk disk) throws IOException {
    if (disk.list().contains(TEMPORARY)) {
      disk.delete(TEMPORARY);
    }
    String body =
        "handfast-journal\nformat %d\nstore-id %s\nincarnation %d\n"
            .formatted(SegmentHeader.FORMAT, hexId(), incarnation);
    String text = body + "crc32c %08x\n".formatted(crc(body));
    try (JournalFile file = disk.create(TEMPORARY)) {
      file.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
      file.force();
    }
    disk.rename(TEMPORARY, NAME);
    disk.forceDirectory();
  }

  /**
   * Reads the file or, in a directory that never held a journal, draws an identity.
   *
   * @return incarnation 0 if it was drawn
   */
  static StoreFile readOrDraw(Disk disk, RandomGenerator random)
      throws IOException, JournalOpenException {
    if (disk.list().contains(NAME)) {
      return read(disk);
    }
    // A first open that did not get far leaves an empty segment behind; records it does not.
    for (long number : Recovery.segmentNumbers(disk)) {
      String segment = SegmentHeader.fileName(number);
      int bytes = disk.read(segment, SegmentHeader.BYTES + 1).limit();
      if (number != 1 || bytes > SegmentHeader.BYTES) {
        throw new JournalOpenException.Damaged(
            disk.describe(NAME), 0, "the file is missing, but there are records");
      }
    }
    return new StoreFile(new UUID(random.nextLong(), random.nextLong()), 0);
  }

  static StoreFile read(Disk disk) throws IOException, JournalOpenException {
    ByteBuffer bytes = disk.read(NAME, MAX_BYTES);
    String text = US_ASCII.decode(bytes).toString();
    Matcher envelope = ENVELOPE.matcher(text);
    if (!envelope.matches()
        || Integer.parseUnsignedInt(envelope.group(3), 16) != crc(envelope.group(1))) {
      throw damaged(disk);
    }
    int format = Integer.parseInt(envelope.group(2));
    if (format != SegmentHeader.FORMAT) {
      throw new JournalOpenException.UnsupportedFormat(
          disk.describe(NAME), format, SegmentHeader.FORMAT);
    }
    Matcher body = BODY.matcher(envelope.group(1));
    if (!body.matches()) {
      throw damaged(disk);
    }
    String id = body.group(1);
    UUID storeId =
        new UUID(
            Long.parseUnsignedLong(id.substring(0, 16), 16),
            Long.parseUnsignedLong(id.substring(16), 16));
    return new StoreFile(storeId, Long.parseLong(body.group(2)));
  }

  private static JournalOpenException damaged(Disk disk) {
    return new JournalOpenException.Damaged(
        disk.describe(NAME), 0, "this is not an intact store file");
  }

  private static int crc(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(US_ASCII));
    return (int) crc.getValue();
  }
}
