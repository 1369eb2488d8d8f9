package io.handfast.tx.engine.base;

import java.util.ArrayDeque;

/**
 * The events of all machines, one after the other: what one machine's effects mean to another is
 * handled when the first has carried out all of its effects, never in between. Bounded by what one
 * event can cause. Confined to the engine's loop.
 */
public final class Mailbox {
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean draining;

  public void post(Runnable event) {
    waiting.addLast(event);
    if (draining) {
      return;
    }
    draining = true;
    try {
      for (Runnable next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
        next.run();
      }
    } finally {
      draining = false;
    }
  }
}
