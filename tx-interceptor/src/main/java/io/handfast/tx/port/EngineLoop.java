package io.handfast.tx.port;

import java.util.concurrent.Executor;

/**
 * The one serial executor to which all state of transactions is confined, with its clock: in
 * production one of the event loops. Thread-safe; tasks run one after the other, in the order in
 * which one thread handed them in, and never inside {@link #execute}.
 */
public interface EngineLoop extends Executor {

  /** Whether the caller runs on this loop. */
  boolean inLoop();

  /** Monotonic nanoseconds, for deadlines. */
  long nanoTime();

  /** Milliseconds since 1970: for ids and people, never for the protocol. */
  long epochMillis();

  /**
   * Runs a task on this loop later.
   *
   * @param delayNanos from now; 0 or less means as soon as possible
   */
  Timer schedule(long delayNanos, Runnable task);

  /** A task to come. */
  interface Timer {

    /** Keeps it from running if it has not begun. Only on the loop. */
    void cancel();
  }
}
