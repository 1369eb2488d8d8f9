package io.handfast.xds.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs tasks when the test says so, by a clock that the test moves. */
public final class ManualExecutor extends AbstractExecutorService
    implements ScheduledExecutorService {

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Timer> timers = new ArrayList<>();
  private long nanos;

  /** A task for later. */
  private static final class Timer extends CompletableFuture<@Nullable Void>
      implements ScheduledFuture<@Nullable Void> {
    private final long at;
    private final Runnable task;

    Timer(long at, Runnable task) {
      this.at = at;
      this.task = task;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(at, other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  /** Runs what is there and what comes of it. */
  public void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Moves the clock and runs what is due. */
  public void advance(Duration by) {
    nanos += by.toNanos();
    timers.sort(Comparator.naturalOrder());
    for (Timer timer : List.copyOf(timers)) {
      if (timer.at <= nanos) {
        timers.remove(timer);
        if (!timer.isCancelled()) {
          tasks.add(timer.task);
        }
      }
    }
    run();
  }

  /** The clock. */
  public long nanoTime() {
    return nanos;
  }

  /** How many timers are neither due nor cancelled. */
  public long pendingTimers() {
    return timers.stream().filter(timer -> !timer.isCancelled()).count();
  }

  @Override
  public void execute(Runnable command) {
    tasks.add(command);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    Timer timer = new Timer(nanos + unit.toNanos(delay), command);
    timers.add(timer);
    return timer;
  }

  @Override
  public <V extends @Nullable Object> ScheduledFuture<V> schedule(
      Callable<V> callable, long delay, TimeUnit unit) {
    throw new IllegalStateException("schedule(Callable): called (expected: schedule(Runnable))");
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    throw new IllegalStateException("scheduleAtFixedRate: called (expected: schedule)");
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    throw new IllegalStateException("scheduleWithFixedDelay: called (expected: schedule)");
  }

  @Override
  public void shutdown() {
    tasks.clear();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }
}
