package io.handfast.tx.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The one directory of a journal, as far as a journal needs it: files are created, appended to,
 * forced, renamed, read whole and deleted; nothing is ever written in place. Small, so that a test
 * can put a disk behind it that loses, tears and refuses.
 *
 * <p>What is written is durable only after {@link JournalFile#force}, a name (created, renamed,
 * deleted) only after {@link #forceDirectory}.
 */
interface Disk {

  /** What people call the file or, for an empty name, the directory. */
  String describe(String name);

  /** Makes the directory durably if it is missing, readable by its owner only. */
  void createDirectory() throws IOException;

  /**
   * Takes the directory for this journal alone.
   *
   * @throws JournalOpenException.Locked if another one has it, in this process or another
   */
  Closeable lock() throws IOException, JournalOpenException;

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

  /** A file that is being written. Confined to one thread at a time. */
  interface JournalFile extends Closeable {

    /** Appends all that remains in the buffer. */
    void write(ByteBuffer bytes) throws IOException;

    /** Makes what was written durable ({@code fdatasync}). */
    void force() throws IOException;
  }
}
