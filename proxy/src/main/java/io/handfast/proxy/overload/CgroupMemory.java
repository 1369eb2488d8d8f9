package io.handfast.proxy.overload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The memory of this process's control group, of version 2 or 1, without the page cache that the
 * kernel gives back when somebody needs it (what Kubernetes calls the working set). The files are
 * the kernel's own memory: reading them waits for no disk.
 */
final class CgroupMemory implements ResourceMonitor {
  /** Above that, version 1 means that there is no limit. */
  private static final long UNLIMITED = 1L << 60;

  private final Path used;
  private final Path limit;
  private final Path details;
  private final String cache;
  private final OptionalLong maxBytes;

  private CgroupMemory(
      Path directory, String used, String limit, String cache, OptionalLong maxBytes) {
    this.used = directory.resolve(used);
    this.limit = directory.resolve(limit);
    this.details = directory.resolve("memory.stat");
    this.cache = cache;
    this.maxBytes = maxBytes;
  }

  /**
   * @param root where control groups are mounted, {@code /sys/fs/cgroup}
   * @param membership of this process, {@code /proc/self/cgroup}
   * @param maxBytes what counts as all of it; empty: the limit of the group
   */
  static ResourceMonitor of(Path root, Path membership, OptionalLong maxBytes) throws IOException {
    for (String line : lines(membership)) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[1].isEmpty()) {
        Path group = directory(root, parts[2], "memory.current");
        return new CgroupMemory(group, "memory.current", "memory.max", "inactive_file", maxBytes);
      }
      if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains("memory")) {
        Path group = directory(root.resolve("memory"), parts[2], "memory.usage_in_bytes");
        return new CgroupMemory(
            group,
            "memory.usage_in_bytes",
            "memory.limit_in_bytes",
            "total_inactive_file",
            maxBytes);
      }
    }
    return () -> 0; // no control groups here: nothing to run out of
  }

  /** Inside of a container its own group is the root, whatever its name is outside. */
  private static Path directory(Path root, String group, String file) {
    Path own = root.resolve(group.substring(1));
    return Files.exists(own.resolve(file)) ? own : root;
  }

  @Override
  public double pressure() throws IOException {
    OptionalLong all = maxBytes.isPresent() ? maxBytes : limit();
    if (all.isEmpty()) {
      return 0;
    }
    try {
      return Math.max(0, number(Files.readString(used)) - givenBack()) / (double) all.getAsLong();
    } catch (NoSuchFileException rootGroup) {
      return 0; // the group of the whole machine counts nothing
    }
  }

  private OptionalLong limit() throws IOException {
    try {
      String text = Files.readString(limit).strip();
      long bytes = text.equals("max") ? UNLIMITED : number(text);
      return bytes >= UNLIMITED || bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
    } catch (NoSuchFileException rootGroup) {
      return OptionalLong.empty();
    }
  }

  private long givenBack() throws IOException {
    for (String line : lines(details)) {
      if (line.startsWith(cache + " ")) {
        return number(line.substring(cache.length() + 1));
      }
    }
    return 0;
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  private static long number(String text) throws IOException {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IOException("memory: " + text.strip() + " (expected: a number of bytes)", e);
    }
  }
}
