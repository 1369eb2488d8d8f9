package io.handfast.tx.etcd;

import io.handfast.tx.port.EngineLoop;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A loop on a thread of its own, in real time, of which a test may {@linkplain #pass skip} some.
 */
public final class TestLoop implements EngineLoop, AutoCloseable {
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicLong skipped = new AtomicLong();

  /** A timer that has not fired. */
  private final class Waiting implements Timer {
    private final long dueNanos;
    private final Runnable task;
    private volatile @Nullable Future<?> scheduled;

    Waiting(long dueNanos, Runnable task) {
      this.dueNanos = dueNanos;
      this.task = task;
    }

    void schedule() {
      scheduled =
          thread.schedule(
              () -> {
                if (waiting.remove(this)) {
                  task.run();
                }
              },
              dueNanos - nanoTime(),
              TimeUnit.NANOSECONDS);
    }

    @Override
    public void cancel() {
      waiting.remove(this);
      Future<?> timer = scheduled;
      if (timer != null) {
        timer.cancel(false);
      }
    }
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() + skipped.get();
  }

  @Override
  public long epochMillis() {
    return 1_750_000_000_000L;
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    Waiting timer = new Waiting(nanoTime() + delayNanos, task);
    waiting.add(timer);
    timer.schedule();
    return timer;
  }

  @Override
  public void execute(Runnable task) {
    if (!thread.isShutdown()) {
      thread.execute(task);
    }
  }

  /** Time passes at once: what was due by then fires. */
  public void pass(Duration time) {
    execute(() -> {
      skipped.addAndGet(time.toNanos());
      waiting.forEach(Waiting::schedule); // the one that fires first takes it out
    });
  }

  /** Runs what answers later, on the loop, and waits for the answer. */
  public <T> T ask(Consumer<Consumer<T>> question) throws Exception {
    CompletableFuture<T> answer = new CompletableFuture<>();
    execute(() -> question.accept(answer::complete));
    return answer.get(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
