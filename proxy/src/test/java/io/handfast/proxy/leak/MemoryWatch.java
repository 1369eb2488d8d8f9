package io.handfast.proxy.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the proxies of this process have taken since this was made, in the buffers of the shared
 * pool and on the heap of their event loops. Thread-safe.
 */
public final class MemoryWatch {
  /** A watermark of 1 MiB each way, and what one read brings on top. */
  private static final long BUFFERED_BOUND = 4L << 20;

  /** The same in whole chunks of Netty's pool, of which every arena may have begun one. */
  private static final long DIRECT_BOUND =
      BUFFERED_BOUND
          + (long) PooledByteBufAllocator.DEFAULT.metric().numDirectArenas()
              * PooledByteBufAllocator.DEFAULT.metric().chunkSize();

  /** What a proxy takes on the heap to begin with, and what the JVM rounds up. */
  private static final long HEAP_AT_LEAST = 32L << 20;

  /** Of all that event loops allocate on the heap: less than 2 KiB per 64 KiB passed on. */
  private static final int HEAP_SHARE = 32;

  private final long directBefore;
  private final long heapBefore;
  private final AtomicLong direct = new AtomicLong();
  private final AtomicLong buffered = new AtomicLong();

  /** Begins when connections of earlier tests, which may still linger, have let go of theirs. */
  public MemoryWatch() {
    await().until(() -> PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() < BUFFERED_BOUND / 4);
    directBefore = direct();
    heapBefore = allocatedByLoops();
  }

  /** Looks at what is taken now. */
  public void look() {
    direct.accumulateAndGet(direct(), Math::max);
    buffered.accumulateAndGet(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory(), Math::max);
  }

  /** That it was never more than a connection may hold, while so many bytes passed. */
  public void assertFlat(long bytes) {
    assertThat(direct.get()).as("looked").isPositive();
    assertThat(buffered.get()).as("buffered").isLessThan(BUFFERED_BOUND);
    assertThat(direct.get() - directBefore).as("direct memory").isLessThanOrEqualTo(DIRECT_BOUND);
    assertThat(allocatedByLoops() - heapBefore)
        .as("allocated on heap")
        .isLessThan(Math.max(HEAP_AT_LEAST, bytes / HEAP_SHARE));
  }

  private static long direct() {
    return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  private static long allocatedByLoops() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
        .filter(info -> info != null && info.getThreadName().startsWith("handfast-loop"))
        .mapToLong(info -> threads.getThreadAllocatedBytes(info.getThreadId()))
        .sum();
  }
}
