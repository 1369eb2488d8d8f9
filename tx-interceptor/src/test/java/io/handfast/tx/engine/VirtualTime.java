package io.handfast.tx.engine;

import io.handfast.tx.port.EngineLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** One deterministic scheduler for all loops of a test: time passes only when a test says so. */
final class VirtualTime {
  private static final long EPOCH_MS = 1_750_000_000_000L;

  private record Task(long at, long order, Node node, Runnable run) {}

  /** A loop that dies with its process: its tasks are dropped. */
  final class Node implements EngineLoop {
    private final List<Task> held = new ArrayList<>();
    private boolean dead;
    private boolean paused;

    /** What happens to whoever asks this loop for the time of day. */
    @Nullable Error clockFails;

    void kill() {
      dead = true;
    }

    /** Stands still, as under SIGSTOP: what is due waits. */
    void pause() {
      paused = true;
    }

    /** Goes on with what was due, in its order. */
    void resume() {
      paused = false;
      queue.addAll(held);
      held.clear();
    }

    @Override
    public void execute(Runnable task) {
      queue.add(new Task(now, order++, this, task));
    }

    @Override
    public boolean inLoop() {
      return current == this;
    }

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public long epochMillis() {
      if (clockFails != null) {
        throw clockFails;
      }
      return EPOCH_MS + now / 1_000_000;
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      Task scheduled = new Task(now + Math.max(0, delayNanos), order++, this, task);
      queue.add(scheduled);
      return () -> queue.remove(scheduled);
    }
  }

  private final PriorityQueue<Task> queue =
      new PriorityQueue<>(
          (a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.order, b.order));
  private long now = 1_000_000_000_000L;
  private long order;
  private Node current = new Node();

  Node node() {
    return new Node();
  }

  long nowMs() {
    return now / 1_000_000;
  }

  /** Runs everything due within that time. */
  void pass(long millis) {
    long until = now + millis * 1_000_000;
    for (Task next = queue.peek(); next != null && next.at <= until; next = queue.peek()) {
      queue.remove(next);
      now = Math.max(now, next.at);
      if (next.node.paused) {
        next.node.held.add(next);
      } else if (!next.node.dead) {
        current = next.node;
        next.run.run();
      }
    }
    now = until;
  }
}
