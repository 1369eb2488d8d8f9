package io.handfast.demo.town;

import java.time.Duration;

/** Waits for conditions, by looking again and again. */
public final class Await {
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** Something that may be true by now. */
  public interface Condition {
    boolean holds() throws InterruptedException;
  }

  private Await() {}

  /** Returns whether the condition held within the time. */
  public static boolean within(Duration time, Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() >= deadline) {
        return false;
      }
      Thread.sleep(PAUSE);
    }
    return true;
  }

  /** As {@link #within}, but a condition that never held fails the demo with a sentence. */
  public static void until(String what, Duration time, Condition condition)
      throws InterruptedException {
    if (!within(time, condition)) {
      throw new DemoFailure("waited " + time.toSeconds() + " s in vain for " + what);
    }
  }
}
