package io.handfast.tx.journal;

import java.io.IOException;
import java.io.Serial;

/**
 * Why a journal could not be opened. The message is a sentence for people that says what was found,
 * what was expected and what to do. Nothing is ever dropped to make an open succeed.
 */
public abstract sealed class JournalOpenException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private JournalOpenException(String message) {
    super(message);
  }

  private JournalOpenException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Another journal, here or in another process, has the directory open. */
  public static final class Locked extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    Locked(String directory) {
      super(
          "journal directory: %s is in use (expected: one process at a time; stop the other, or"
                  .formatted(directory)
              + " configure another directory)");
    }
  }

  /** The journal belongs to another. */
  public static final class AnotherOwner extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    AnotherOwner(String directory, String found, String expected) {
      super(
          "journal directory: %s holds the journal of '%s' (expected: that of '%s', or none; nothing"
                  .formatted(directory, found, expected)
              + " was changed: configure another directory, or the one that is this sidecar's)");
    }
  }

  /** The directory holds a backup, which answers for nobody. */
  public static final class Backup extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    Backup(String directory) {
      super(
          "journal directory: %s holds a backup (expected: a journal; `handfast journal restore %s TO`"
                  .formatted(directory, directory)
              + " makes one of it)");
    }
  }

  /** There is no journal where one is to be read, or one where none may be. */
  public static final class Misplaced extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    Misplaced(String directory, String found, String expected) {
      super("journal directory: %s: %s (expected: %s)".formatted(directory, found, expected));
    }
  }

  /** Something is wrong with a file that no crash explains. */
  public static final class Damaged extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    private final String file;
    private final long offset;

    Damaged(String file, long offset, String found) {
      super(
          "journal: %s at byte %d: %s (expected: an intact journal; nothing was changed: restore the"
                  .formatted(file, offset, found)
              + " file or the whole directory from a copy, or move the directory away and resolve"
              + " what is in doubt by hand)");
      this.file = file;
      this.offset = offset;
    }

    /** The file that is damaged or missing. */
    public String file() {
      return file;
    }

    /** Where in the file, in bytes. */
    public long offset() {
      return offset;
    }
  }

  /** The files were written in a format that this version does not know. */
  public static final class UnsupportedFormat extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    private final int found;
    private final int supported;

    UnsupportedFormat(String file, int found, int supported) {
      super(
          "journal: %s has format version %d (expected: at most %d; start the version of Handfast"
                  .formatted(file, found, supported)
              + " that wrote it, or a newer one)");
      this.found = found;
      this.supported = supported;
    }

    /** The format version of the file. */
    public int found() {
      return found;
    }

    /** The newest format version that this program reads. */
    public int supported() {
      return supported;
    }
  }

  /** The visitor could not take a record that the journal itself finds intact. */
  public static final class Rejected extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    Rejected(String file, long offset, RuntimeException cause) {
      super(
          "journal: %s at byte %d: the record is intact but was not understood: %s (expected: a"
                  .formatted(file, offset, cause.getMessage())
              + " record of this version of Handfast or an older one)",
          cause);
    }
  }

  /** The disk refused to read or write. */
  public static final class Io extends JournalOpenException {
    @Serial private static final long serialVersionUID = 1;

    Io(String directory, IOException cause) {
      super(
          "journal directory: %s: %s (expected: a directory that this process may read and write,"
                  .formatted(directory, describe(cause))
              + " on a disk that works and has space)",
          cause);
    }

    private static String describe(IOException cause) {
      String message = cause.getMessage();
      return message == null
          ? cause.getClass().getSimpleName()
          : cause.getClass().getSimpleName() + ": " + message;
    }
  }
}
