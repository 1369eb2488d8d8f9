package io.handfast.tx.journal.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one directory of a journal, as far as a journal needs it: files are created, appended to,
 * forced, renamed, read whole and deleted; nothing but zeros is ever overwritten. Small, so that a
 * test can put a disk behind it that loses, tears and refuses.
 *
 * <p>What is written is durable only after {@link JournalFile#force}, a name (created, renamed,
 * deleted) only after {@link #forceDirectory}.
 */
public interface Disk {

  /** What people call the file or, for an empty name, the directory. */
  String describe(String name);

  /** Makes the directory durably if it is missing, readable by its owner only. */
  void createDirectory() throws IOException;

  /**
   * Takes the directory for this journal alone, until the result is closed.
   *
   * @return null if another one has it, in this process or another
   */
  @Nullable Closeable lock() throws IOException;

  /** The names of all files. */
  List<String> list() throws IOException;

  /** What a file holds, its first {@code maxBytes} bytes at most; position 0, big-endian. */
  ByteBuffer read(String name, int maxBytes) throws IOException;

  /** Creates an empty file, readable by its owner only. */
  JournalFile create(String name) throws IOException;

  /** Gives a file another name, replacing what has it; atomic. */
  void rename(String from, String to) throws IOException;

  void delete(String name) throws IOException;

  /** Makes all names durable. */
  void forceDirectory() throws IOException;

  /** How many bytes may still be written here. */
  long usableBytes() throws IOException;

  /** The memory from which files are written, as long as a journal is open. */
  default ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes);
  }

  /** A file that is being written. Confined to one thread at a time. */
  interface JournalFile extends Closeable {

    /** Appends all that remains in the buffer, over the zeros that {@link #allocate} left. */
    void write(ByteBuffer bytes) throws IOException;

    /**
     * Writes zeros behind what was appended: appending over them later changes no metadata of the
     * file, so that a force has only the data to write. Not durable before the next force; a crash
     * before it may leave any part of them.
     *
     * @param bytes how many zeros are to stand there
     */
    void allocate(int bytes) throws IOException;

    /** Makes what was written durable ({@code fdatasync}). */
    void force() throws IOException;
  }
}
