package io.handfast.xds.cache;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A directory with one file that is replaced as a whole. It belongs to one process at a time, and
 * nobody else may read or write the file: there are private keys in it where secrets come from
 * control planes. Confined to one thread at a time.
 */
final class CacheDirectory implements Closeable {

  private static final String FILE = "config-cache";
  private static final String NEXT = "config-cache.next";
  private static final String LOCK = "lock";

  private final Path directory;
  private final Opener opener;
  private final FileChannel lock;

  /** A file that is being written. */
  interface Output extends Closeable {

    /** Writes all of it. */
    void write(ByteBuffer bytes) throws IOException;

    void force() throws IOException;
  }

  /** Makes a new file that only its owner reads. */
  @FunctionalInterface
  interface Opener {
    Output open(Path file) throws IOException;
  }

  private CacheDirectory(Path directory, Opener opener, FileChannel lock) {
    this.directory = directory;
    this.opener = opener;
    this.lock = lock;
  }

  /**
   * Opens it, and makes it if it is not there.
   *
   * @throws CacheException if it cannot be written, another process has it, or everybody may write
   */
  static CacheDirectory open(Path directory) throws CacheException {
    return open(directory, CacheDirectory::realOutput);
  }

  static CacheDirectory open(Path directory, Opener opener) throws CacheException {
    try {
      Files.createDirectories(directory, mode("rwx------"));
      if (isForEverybody(directory)) {
        throw new CacheException(
            directory + " may be written by everybody (expected: a directory of its own)");
      }
      CacheDirectory opened = new CacheDirectory(directory, opener, lock(directory));
      opened.probe();
      return opened;
    } catch (IOException e) {
      throw new CacheException(directory + " cannot be written: " + text(e), e);
    }
  }

  private static boolean isForEverybody(Path path) throws IOException {
    return Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_WRITE);
  }

  private static FileChannel lock(Path directory) throws IOException, CacheException {
    FileChannel channel =
        FileChannel.open(directory.resolve(LOCK), Set.of(CREATE, WRITE), mode("rw-------"));
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // By another sidecar of this process.
      locked = false;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw new CacheException(
          directory + " is used by another process (expected: a directory for each)");
    }
    return channel;
  }

  /** A disk that is full is no mistake of whoever named the directory, and may have room again. */
  private void probe() throws IOException, CacheException {
    boolean writable = false;
    try {
      write(NEXT, ByteBuffer.allocate(0));
      Files.delete(directory.resolve(NEXT));
      writable = true;
    } finally {
      if (!writable) {
        lock.close();
      }
    }
  }

  /**
   * What the file holds; empty if there is none.
   *
   * @throws CacheException if it cannot be read or trusted
   */
  Optional<byte[]> read() throws CacheException {
    Path file = directory.resolve(FILE);
    try (FileChannel channel = FileChannel.open(file, READ)) {
      if (isForEverybody(file)) {
        throw new CacheException("may be written by everybody (expected: mode 0600)");
      }
      if (channel.size() > CacheFile.MAX_BYTES) {
        throw new CacheException(
            channel.size() + " bytes (expected: at most " + CacheFile.MAX_BYTES + ")");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // What is missing in the end is found by the checksum.
      }
      return Optional.of(bytes.array());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new CacheException("cannot be read: " + text(e), e);
    }
  }

  /** Puts that in the place of what the file holds: all of it or, if this fails, nothing. */
  void replace(ByteBuffer bytes) throws IOException {
    write(NEXT, bytes);
    Files.move(directory.resolve(NEXT), directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }

  private void write(String name, ByteBuffer bytes) throws IOException {
    Path file = directory.resolve(name);
    Files.deleteIfExists(file);
    boolean written = false;
    try (Output output = opener.open(file)) {
      output.write(bytes);
      output.force();
      written = true;
    } finally {
      if (!written) {
        Files.deleteIfExists(file);
      }
    }
  }

  Path file() {
    return directory.resolve(FILE);
  }

  static String text(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  private static FileAttribute<?> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  /** Lets another process have it. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  /** A new file. */
  static Output realOutput(Path file) throws IOException {
    return new RealOutput(FileChannel.open(file, Set.of(CREATE_NEW, WRITE), mode("rw-------")));
  }

  private record RealOutput(FileChannel channel) implements Output {
    @Override
    public void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void force() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
