package io.handfast.tx.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.handfast.tx.journal.disk.Disk;
import io.handfast.tx.journal.disk.Disk.JournalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * The {@code store} file: who this journal is. Immutable. Lines of text; the second (format) and
 * the last (CRC-32C of the lines before it) keep their places in every format version. Format 1 has
 * five lines; format 2 adds whose the journal is and which journals it was restored from, and is
 * written where there is something of that to say.
 *
 * @param storeId drawn once
 * @param incarnation how often the journal was opened
 * @param owner whose it is, such as the service's name; empty if nobody said so yet
 * @param formerIds of the journals whose backups went into it, oldest first (T13)
 */
record StoreFile(UUID storeId, long incarnation, String owner, List<UUID> formerIds) {

  static final String NAME = "store";

  /** What the file is called in a backup: it is no journal until it is restored. */
  static final String BACKUP_NAME = "store.backup";

  private static final int FORMAT = 2;
  private static final int MAX_BYTES = 4096;
  private static final String ID = "([0-9a-f]{32})";
  private static final Pattern ENVELOPE =
      Pattern.compile(
          "(handfast-journal\nformat ([0-9]{1,9})\n.*)crc32c ([0-9a-f]{8})\n", Pattern.DOTALL);
  private static final Pattern BODY =
      Pattern.compile(
          "handfast-journal\nformat [12]\nstore-id "
              + ID
              + "\nincarnation ([0-9]{1,18})\n(?:owner ([^\n]{1,256})\n)?((?:former [0-9a-f]{32}\n)*)");
  private static final Pattern FORMER = Pattern.compile("former " + ID + "\n");

  StoreFile {
    formerIds = List.copyOf(formerIds);
  }

  /** The store-id as it stands in {@code j.<store-id>}. */
  String hexId() {
    return hex(storeId);
  }

  /** Those of the journals that it was restored from. */
  List<String> formerHexIds() {
    return formerIds.stream().map(StoreFile::hex).toList();
  }

  private static String hex(UUID id) {
    return id.toString().replace("-", "");
  }

  /** What the next open writes. */
  StoreFile opened(long newIncarnation, String newOwner) {
    return new StoreFile(storeId, newIncarnation, newOwner.isEmpty() ? owner : newOwner, formerIds);
  }

  /** Replaces the file; durable when this returns. */
  void write(Disk disk) throws IOException {
    write(disk, NAME);
  }

  void write(Disk disk, String name) throws IOException {
    String temporary = name + ".tmp";
    if (disk.list().contains(temporary)) {
      disk.delete(temporary);
    }
    String body = body();
    String text = body + "crc32c %08x\n".formatted(crc(body));
    try (JournalFile file = disk.create(temporary)) {
      file.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
      file.force();
    }
    disk.rename(temporary, name);
    disk.forceDirectory();
  }

  private String body() {
    String additions =
        (owner.isEmpty() ? "" : "owner " + owner + "\n")
            + formerHexIds().stream()
                .map(id -> "former " + id + "\n")
                .collect(Collectors.joining());
    return "handfast-journal\nformat %d\nstore-id %s\nincarnation %d\n%s"
        .formatted(additions.isEmpty() ? 1 : FORMAT, hexId(), incarnation, additions);
  }

  /**
   * Reads the file or, in a directory that never held a journal, draws an identity.
   *
   * @return incarnation 0 if it was drawn
   */
  static StoreFile readOrDraw(Disk disk, RandomGenerator random)
      throws IOException, JournalOpenException {
    List<String> files = disk.list();
    if (files.contains(NAME)) {
      return read(disk);
    }
    if (files.contains(BACKUP_NAME)) {
      throw new JournalOpenException.Backup(disk.describe(""));
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
    return drawn(random, List.of());
  }

  /** A new identity. */
  static StoreFile drawn(RandomGenerator random, List<UUID> formerIds) {
    return new StoreFile(new UUID(random.nextLong(), random.nextLong()), 0, "", formerIds);
  }

  static StoreFile read(Disk disk) throws IOException, JournalOpenException {
    return read(disk, NAME);
  }

  static StoreFile read(Disk disk, String name) throws IOException, JournalOpenException {
    ByteBuffer bytes = disk.read(name, MAX_BYTES);
    String text = UTF_8.decode(bytes).toString();
    Matcher envelope = ENVELOPE.matcher(text);
    if (!envelope.matches()
        || Integer.parseUnsignedInt(envelope.group(3), 16) != crc(envelope.group(1))) {
      throw damaged(disk, name);
    }
    int format = Integer.parseInt(envelope.group(2));
    if (format > FORMAT) {
      throw new JournalOpenException.UnsupportedFormat(disk.describe(name), format, FORMAT);
    }
    Matcher body = BODY.matcher(envelope.group(1));
    if (!body.matches()) {
      throw damaged(disk, name);
    }
    String owner = body.group(3);
    return new StoreFile(
        id(body.group(1)),
        Long.parseLong(body.group(2)),
        owner == null ? "" : owner,
        FORMER.matcher(body.group(4)).results().map(former -> id(former.group(1))).toList());
  }

  private static UUID id(String hex) {
    return new UUID(
        Long.parseUnsignedLong(hex.substring(0, 16), 16),
        Long.parseUnsignedLong(hex.substring(16), 16));
  }

  private static JournalOpenException damaged(Disk disk, String name) {
    return new JournalOpenException.Damaged(
        disk.describe(name), 0, "this is not an intact store file");
  }

  private static int crc(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(UTF_8));
    return (int) crc.getValue();
  }
}
