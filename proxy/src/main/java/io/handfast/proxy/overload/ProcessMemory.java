package io.handfast.proxy.overload;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Optional;

/** The memory of this process. Stateless. */
final class ProcessMemory {

  private ProcessMemory() {}

  /** Direct memory, of what Netty allows itself: the cap that the JVM has for it. */
  static double direct() {
    long used = PlatformDependent.usedDirectMemory();
    return used < 0 ? 0 : used / (double) PlatformDependent.maxDirectMemory();
  }

  /** Of the serial collector; empty where another one has the heap. */
  static Optional<HeapShrinker.OldGeneration> oldGeneration() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Tenured Gen"))
        .<HeapShrinker.OldGeneration>map(Tenured::new)
        .findFirst();
  }

  /** What lives: the heap as the last collection left it, and direct memory. */
  static long liveBytes() {
    long bytes = Math.max(0, PlatformDependent.usedDirectMemory());
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage collected = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
      bytes += collected == null ? 0 : collected.getUsed();
    }
    return bytes;
  }

  /** Of the serial collector. */
  private record Tenured(MemoryPoolMXBean pool) implements HeapShrinker.OldGeneration {
    @Override
    public long used() {
      return pool.getUsage().getUsed();
    }

    @Override
    public long live() {
      MemoryUsage collected = pool.getCollectionUsage();
      return collected == null ? 0 : collected.getUsed();
    }

    @Override
    public void collect() {
      System.gc();
    }
  }
}
