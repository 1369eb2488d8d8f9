package io.handfast.tx.explorer.search;

import io.handfast.tx.core.IllegalTransitionException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * One move, and all that follows from it in the same sidecar before anything else can happen there.
 * Confined to one move.
 */
public final class Cascade {
  private final Queue<Runnable> local = new ArrayDeque<>();
  private final Consumer<String> breach;

  /**
   * @param breach told what must never be
   */
  public Cascade(Consumer<String> breach) {
    this.breach = breach;
  }

  /** Runs after what runs now, before anything else can happen in this sidecar. */
  public void follow(Runnable action) {
    local.add(action);
  }

  /** Runs it, and all that follows. */
  public void run(Runnable action) {
    try {
      action.run();
      for (Runnable next = local.poll(); next != null; next = local.poll()) {
        next.run();
      }
    } catch (IllegalTransitionException e) {
      breach.accept("a row that cannot be: " + e.getMessage());
    }
  }
}
