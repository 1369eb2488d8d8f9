package io.handfast.tx.journal;

import io.handfast.tx.journal.disk.Disk;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk that keeps apart what the page cache holds and what is durable. {@link #crash} cuts the
 * power: names that were not forced may be undone from any point on, unforced bytes are kept up to
 * any byte, or with holes, and zeros that were allocated ahead behind them. {@link #restart} only
 * ends the process: the cache stays. A failed force leaves the pages clean and not on the disk, as
 * Linux does: a later force of the same file succeeds and does not write them.
 */
final class FakeDisk implements Disk {

  private static final int SECTOR = 64;

  private final Map<String, Inode> names = new TreeMap<>();
  private final Map<String, Inode> durableNames = new TreeMap<>();
  private final List<Consumer<Map<String, Inode>>> unforcedNames = new ArrayList<>();
  private boolean locked;
  private boolean dead;
  private int operations;
  private int dieAt = Integer.MAX_VALUE;
  private int tornBytes;
  private int forces;
  private int failForce = Integer.MAX_VALUE;
  private int failWrites = Integer.MAX_VALUE;
  private long usable = 1L << 40;
  private @Nullable ByteBuffer memory;

  /**
   * From the n-th changing operation on (0 is the next) everything fails; a write is torn there.
   */
  synchronized void dieAfter(int changes, int bytesOfTornWrite) {
    dieAt = operations + changes;
    tornBytes = bytesOfTornWrite;
  }

  /** Journals of small records are written from here: for where many are opened. */
  void writeFrom(ByteBuffer buffer) {
    memory = buffer;
  }

  @Override
  public ByteBuffer buffer(int bytes) {
    return memory == null ? Disk.super.buffer(bytes) : memory;
  }

  /** Whether an operation has met the end that {@link #dieAfter} set. */
  synchronized boolean isDead() {
    return dead;
  }

  /** The n-th force of a file from now (1 is the next) fails, once. */
  synchronized void failForce(int n) {
    failForce = forces + n;
  }

  /** Writes fail for want of space when this many more bytes are written. */
  synchronized void fillAfter(int bytes) {
    failWrites = bytes;
  }

  synchronized void setUsable(long bytes) {
    usable = bytes;
  }

  /** How many changing operations there were. */
  synchronized int operations() {
    return operations;
  }

  /** How many times a file was forced. */
  synchronized int forces() {
    return forces;
  }

  synchronized byte[] content(String name) {
    return inode(name).content();
  }

  /** Replaces a file's content, durably: damage done behind the journal's back. */
  synchronized void damage(String name, byte[] content) {
    Inode inode = new Inode();
    inode.cache.writeBytes(content);
    inode.durable = content.length;
    names.put(name, inode);
    durableNames.put(name, inode);
  }

  synchronized void lose(String name) {
    names.remove(name);
    durableNames.remove(name);
  }

  /** What a new process finds after the old one died. */
  synchronized FakeDisk restart() {
    FakeDisk next = new FakeDisk();
    next.names.putAll(names);
    next.durableNames.putAll(durableNames);
    next.unforcedNames.addAll(unforcedNames);
    return next;
  }

  /** What is there after the power failed. */
  synchronized FakeDisk crash(RandomGenerator random) {
    Map<String, Inode> kept = new TreeMap<>(durableNames);
    int applied = random.nextInt(unforcedNames.size() + 1);
    unforcedNames.subList(0, applied).forEach(change -> change.accept(kept));
    FakeDisk next = new FakeDisk();
    kept.forEach((name, inode) -> next.damage(name, inode.afterCrash(random)));
    return next;
  }

  @Override
  public String describe(String name) {
    return name.isEmpty() ? "fake" : "fake/" + name;
  }

  @Override
  public void createDirectory() {}

  @Override
  public synchronized @Nullable Closeable lock() {
    if (locked) {
      return null;
    }
    locked = true;
    return () -> {
      synchronized (this) {
        locked = false;
      }
    };
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(names.keySet());
  }

  @Override
  public synchronized ByteBuffer read(String name, int maxBytes) throws IOException {
    if (!names.containsKey(name)) {
      throw new NoSuchFileException(name);
    }
    byte[] content = content(name);
    return ByteBuffer.wrap(Arrays.copyOf(content, Math.min(maxBytes, content.length)));
  }

  @Override
  public synchronized JournalFile create(String name) throws IOException {
    change();
    if (names.containsKey(name)) {
      throw new FileAlreadyExistsException(name);
    }
    Inode inode = new Inode();
    names.put(name, inode);
    unforcedNames.add(durable -> durable.put(name, inode));
    return new FakeFile(inode);
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    change();
    Inode inode = inode(from);
    names.remove(from);
    names.put(to, inode);
    unforcedNames.add(durable -> {
      durable.remove(from);
      durable.put(to, inode);
    });
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    change();
    inode(name);
    names.remove(name);
    unforcedNames.add(durable -> durable.remove(name));
  }

  @Override
  public synchronized void forceDirectory() throws IOException {
    change();
    unforcedNames.forEach(change -> change.accept(durableNames));
    unforcedNames.clear();
  }

  @Override
  public synchronized long usableBytes() {
    return usable;
  }

  private Inode inode(String name) {
    Inode inode = names.get(name);
    if (inode == null) {
      throw new AssertionError(name + " is not there");
    }
    return inode;
  }

  private void change() throws IOException {
    if (dead || operations++ >= dieAt) {
      dead = true;
      throw new IOException("the power is off");
    }
  }

  /** A file, whatever its name. */
  private static final class Inode {
    private final ByteArrayOutputStream cache = new ByteArrayOutputStream();
    private int durable;

    /** How large the file is if zeros follow what was written, and how large durably. */
    private int allocated;

    private int durableAllocated;

    /** Bytes that a failed force left clean in the cache and not on the disk. */
    private final List<int[]> lost = new ArrayList<>();

    byte[] content() {
      byte[] all = cache.toByteArray();
      return allocated > all.length ? Arrays.copyOf(all, allocated) : all;
    }

    private void force() {
      durable = cache.size();
      durableAllocated = allocated;
    }

    byte[] afterCrash(RandomGenerator random) {
      byte[] all = cache.toByteArray();
      int unforced = all.length - durable;
      int kept = durable + (unforced == 0 ? 0 : random.nextInt(unforced + 1));
      byte[] content = Arrays.copyOf(all, kept);
      if (random.nextBoolean()) {
        for (int at = durable; at < kept; at += SECTOR) {
          if (random.nextInt(4) == 0) {
            Arrays.fill(content, at, Math.min(kept, at + SECTOR), (byte) 0);
          }
        }
      }
      for (int[] range : lost) {
        Arrays.fill(content, Math.min(kept, range[0]), Math.min(kept, range[1]), (byte) 0);
      }
      int zeros = durableAllocated + random.nextInt(allocated - durableAllocated + 1);
      return zeros > kept ? Arrays.copyOf(content, zeros) : content;
    }
  }

  private final class FakeFile implements JournalFile {
    private final Inode inode;

    FakeFile(Inode inode) {
      this.inode = inode;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      synchronized (FakeDisk.this) {
        byte[] content = new byte[bytes.remaining()];
        bytes.get(content);
        try {
          change();
        } catch (IOException e) {
          inode.cache.write(content, 0, Math.min(tornBytes, content.length));
          tornBytes = 0;
          throw e;
        }
        if (content.length > failWrites) {
          inode.cache.write(content, 0, failWrites);
          failWrites = 0;
          throw new IOException("No space left on device");
        }
        failWrites = failWrites == Integer.MAX_VALUE ? failWrites : failWrites - content.length;
        inode.cache.writeBytes(content);
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (FakeDisk.this) {
        change();
        if (++forces == failForce) {
          inode.lost.add(new int[] {inode.durable, inode.cache.size()});
          inode.force();
          throw new IOException("Input/output error");
        }
        inode.force();
      }
    }

    @Override
    public void allocate(int bytes) throws IOException {
      synchronized (FakeDisk.this) {
        change();
        if (bytes > failWrites) {
          throw new IOException("No space left on device");
        }
        inode.allocated = Math.max(inode.allocated, inode.cache.size() + bytes);
      }
    }

    @Override
    public void close() {}
  }
}
