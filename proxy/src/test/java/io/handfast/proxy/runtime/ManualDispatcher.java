package io.handfast.proxy.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;

/** A dispatcher whose time is moved by the test; the test's thread is its loop. */
public final class ManualDispatcher implements Dispatcher {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<Timed> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timed::atNanos));
  private long nowNanos;

  private record Timed(long atNanos, Runnable task) {}

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    tasks.addLast(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Timed timed = new Timed(nowNanos + delay.toNanos(), task);
    timers.add(timed);
    return () -> timers.remove(timed);
  }

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public long currentTimeMillis() {
    return nowNanos / 1_000_000;
  }

  /** Runs what was handed in, and what that hands in. */
  public void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Moves time on and runs what is due then, in order. */
  public void advance(Duration by) {
    long until = nowNanos + by.toNanos();
    runTasks();
    for (Timed next = timers.peek();
        next != null && next.atNanos() <= until;
        next = timers.peek()) {
      timers.remove(next);
      nowNanos = next.atNanos();
      next.task().run();
      runTasks();
    }
    nowNanos = until;
  }

  /** How many timers are set. */
  public int timers() {
    return timers.size();
  }
}
