package io.handfast.proxy.runtime;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * One event loop, as the data path sees it: one thread that runs tasks and timers in order and is
 * never blocked. A stream, both its connections and all of its filters live on one dispatcher.
 *
 * <p>Threading: {@link #execute} and {@link #schedule} may be called from any thread; what they
 * run, runs on the loop.
 */
public interface Dispatcher extends Executor {
  /** Whether the caller runs on this loop. */
  boolean inLoop();

  /** Runs the task on the loop, after what is running now. */
  @Override
  void execute(Runnable task);

  /** Runs the task on the loop once the delay has passed, unless the timer is cancelled before. */
  Timer schedule(Duration delay, Runnable task);

  /**
   * A monotonic clock in nanoseconds with an arbitrary origin; the clock of {@link #schedule}. On
   * the loop it may stand still for as long as one event of a socket is handled.
   */
  long nanoTime();

  /**
   * The time of day in milliseconds since the epoch, for logs only; it may stand still as {@link
   * #nanoTime} may.
   */
  long currentTimeMillis();

  /** Throws if the caller is not on this loop. */
  default void checkInLoop() {
    if (!inLoop()) {
      throw new IllegalStateException(
          "thread: "
              + Thread.currentThread().getName()
              + " (expected: the event loop of this object)");
    }
  }

  /** A task that will run. */
  @FunctionalInterface
  interface Timer {
    /** Already run or cancelled; cancelling does nothing. */
    Timer NONE = () -> {};

    /**
     * The task does not run any more, if it has not yet begun; may be called more than once, on the
     * loop.
     */
    void cancel();
  }
}
