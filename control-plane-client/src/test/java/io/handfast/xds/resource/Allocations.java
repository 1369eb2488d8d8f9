package io.handfast.xds.resource;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what is allocated: what is read or made can be told by it, on any machine. */
final class Allocations {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocations() {}

  /** Bytes that the task allocates once it has run before. */
  static long of(Runnable task) {
    task.run();
    long begun = THREADS.getCurrentThreadAllocatedBytes();
    task.run();
    return THREADS.getCurrentThreadAllocatedBytes() - begun;
  }
}
