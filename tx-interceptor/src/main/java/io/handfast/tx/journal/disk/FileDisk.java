package io.handfast.tx.journal.disk;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real directory. Thread-safe as far as the file system is; the journal uses one thread. */
public final class FileDisk implements Disk {

  private static final String LOCK = "lock";

  /**
   * The directories that this process has locked. A POSIX lock belongs to the process, not to the
   * channel: closing <em>any</em> channel on the lock file gives it up, so a second journal here
   * must be turned away before it opens that file. This is a fact about the process, hence static.
   */
  private static final Set<Path> LOCKED_HERE = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private volatile @Nullable FileStore store;

  /** The directory need not be there yet. */
  public FileDisk(Path directory) {
    this.directory = directory;
  }

  @Override
  public String describe(String name) {
    return name.isEmpty() ? directory.toString() : directory.resolve(name).toString();
  }

  @Override
  public void createDirectory() throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path missing = directory.toAbsolutePath();
    Path existing = missing.getParent();
    while (existing != null && !Files.isDirectory(existing)) {
      existing = existing.getParent();
    }
    Files.createDirectories(missing, mode("rwx------"));
    // Every new name has to be durable in the directory above it, or all of it is gone with power.
    for (Path made = missing.getParent(); made != null; made = made.getParent()) {
      forceDirectory(made);
      if (made.equals(existing)) {
        break;
      }
    }
  }

  @Override
  public @Nullable Closeable lock() throws IOException {
    Path key = directory.toRealPath();
    if (!LOCKED_HERE.add(key)) {
      return null;
    }
    boolean locked = false;
    try {
      // Closed below or by whoever closes the lock.
      FileChannel channel =
          FileChannel.open(directory.resolve(LOCK), Set.of(CREATE, WRITE), mode("rw-------"));
      try {
        FileLock lock = channel.tryLock();
        locked = lock != null;
      } catch (OverlappingFileLockException e) {
        // Another class loader's journal: its own set of directories does not show here.
        locked = false;
      } finally {
        if (!locked) {
          channel.close();
        }
      }
      if (!locked) {
        return null;
      }
      return () -> {
        channel.close();
        LOCKED_HERE.remove(key);
      };
    } finally {
      if (!locked) {
        LOCKED_HERE.remove(key);
      }
    }
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public ByteBuffer read(String name, int maxBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(directory.resolve(name), READ)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(maxBytes, channel.size()));
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new EOFException(describe(name) + " became shorter while it was read");
        }
      }
      return bytes.flip();
    }
  }

  @Override
  public JournalFile create(String name) throws IOException {
    Set<OpenOption> options = Set.of(CREATE_NEW, WRITE);
    FileChannel channel = FileChannel.open(directory.resolve(name), options, mode("rw-------"));
    return new RealFile(channel);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.delete(directory.resolve(name));
  }

  @Override
  public void forceDirectory() throws IOException {
    forceDirectory(directory);
  }

  @Override
  public long usableBytes() throws IOException {
    FileStore known = store;
    if (known == null) {
      // Finding it reads the table of mounts: once is enough.
      known = Files.getFileStore(directory);
      store = known;
    }
    return known.getUsableSpace();
  }

  private static void forceDirectory(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, READ)) {
      channel.force(true);
    }
  }

  private static FileAttribute<?> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  /** Confined as its interface says. */
  private static final class RealFile implements JournalFile {

    /** Written again and again, never changed. */
    private static final int ZERO_BYTES = 64 << 10;

    private final FileChannel channel;
    private long end;

    RealFile(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        end += channel.write(bytes, end);
      }
    }

    @Override
    public void allocate(int bytes) throws IOException {
      ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(bytes, ZERO_BYTES));
      long upto = end + bytes;
      for (long at = Math.max(end, channel.size()); at < upto; ) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), upto - at));
        at += channel.write(zeros, at);
      }
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
