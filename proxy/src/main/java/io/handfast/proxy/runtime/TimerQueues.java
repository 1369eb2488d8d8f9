package io.handfast.proxy.runtime;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Timers of one event loop that are set and cancelled with each request. Those of one delay run out
 * in the order in which they were set: a queue for each delay, of which the loop itself knows one
 * timer, that looks when it runs out who is due. To set or to cancel a timer is to link or unlink
 * it. Confined to the loop.
 */
final class TimerQueues {
  /** Delays come from the configuration; those that clients choose must not fill the memory. */
  static final int MAX_QUEUES = 64;

  private static final Logger LOG = LoggerFactory.getLogger(TimerQueues.class);

  private final ObjLongConsumer<Runnable> alarm;
  private final LongSupplier nanoTime;
  private final LongObjectMap<Queue> queues = new LongObjectHashMap<>();

  /**
   * @param alarm runs a task on the loop once so many nanoseconds have passed
   * @param nanoTime monotonic; by which the alarm goes as well
   */
  TimerQueues(ObjLongConsumer<Runnable> alarm, LongSupplier nanoTime) {
    this.alarm = alarm;
    this.nanoTime = nanoTime;
  }

  /**
   * Sets a timer; null if there are too many different delays.
   *
   * @param delayNanos more than 0
   */
  Dispatcher.@Nullable Timer schedule(long delayNanos, Runnable task) {
    Queue queue = queues.get(delayNanos);
    if (queue == null) {
      if (queues.size() >= MAX_QUEUES) {
        return null;
      }
      queue = new Queue(delayNanos);
      queues.put(delayNanos, queue);
    }
    return queue.add(task);
  }

  private final class Queue implements Runnable {
    private final long delayNanos;
    private final Link ends = new Link(0, () -> {});
    private boolean watched;

    Queue(long delayNanos) {
      this.delayNanos = delayNanos;
    }

    Dispatcher.Timer add(Runnable task) {
      Link last = new Link(nanoTime.getAsLong() + delayNanos, task);
      last.insertBefore(ends);
      if (!watched) {
        watch(delayNanos);
      }
      return last;
    }

    private void watch(long nanos) {
      watched = true;
      alarm.accept(this, nanos);
    }

    @Override
    public void run() {
      watched = false;
      long now = nanoTime.getAsLong();
      try {
        while (ends.next != ends && ends.next.dueNanos - now <= 0) {
          ends.next.runOut();
        }
      } finally { // an Error is the loop's to tell
        if (!watched && ends.next == ends) {
          queues.remove(delayNanos);
        } else if (!watched) {
          watch(Math.max(1, ends.next.dueNanos - now));
        }
      }
    }
  }

  /** A timer in its queue; one that is in none points to itself. */
  private static final class Link implements Dispatcher.Timer {
    private final long dueNanos;
    private final Runnable task;
    private Link previous = this;
    private Link next = this;

    Link(long dueNanos, Runnable task) {
      this.dueNanos = dueNanos;
      this.task = task;
    }

    void insertBefore(Link other) {
      previous = other.previous;
      next = other;
      previous.next = this;
      other.previous = this;
    }

    void runOut() {
      cancel();
      try {
        task.run();
      } catch (RuntimeException bug) {
        LOG.error("a timer's task failed", bug);
      }
    }

    @Override
    public void cancel() {
      previous.next = next;
      next.previous = previous;
      previous = this;
      next = this;
    }
  }
}
