package io.handfast.tx.engine.answer;

import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.port.EngineLoop;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages for one branch that wait for their answer: an outcome for its acknowledgement (T16), a
 * PREPARE for the promise. Answered that it is at work when their patience is over, so that the
 * rest of their batch is not kept. Confined to the loop.
 *
 * @param <T> answers
 */
public final class Waiters<T> {
  private static final class Waiting<T> {
    final Consumer<T> reply;
    EngineLoop.@Nullable Timer patience;

    Waiting(Consumer<T> reply) {
      this.reply = reply;
    }
  }

  private final EngineLoop loop;
  private final T working;
  private final ArrayDeque<Waiting<T>> waiting = new ArrayDeque<>();

  /**
   * @param working what is answered when there is no answer in time
   */
  public Waiters(EngineLoop loop, T working) {
    this.loop = loop;
    this.working = working;
  }

  public void await(Consumer<T> reply) {
    if (waiting.size() >= Bounds.MAX_WAITING_MESSAGES) {
      answer(waiting.removeFirst(), working);
    }
    Waiting<T> entry = new Waiting<>(reply);
    waiting.addLast(entry);
    entry.patience =
        loop.schedule(
            Bounds.ACKNOWLEDGEMENT_PATIENCE.toNanos(),
            () -> {
              if (waiting.remove(entry)) {
                answer(entry, working);
              }
            });
  }

  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  public void answer(T told) {
    for (Waiting<T> next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
      answer(next, told);
    }
  }

  private static <T> void answer(Waiting<T> entry, T told) {
    if (entry.patience != null) {
      entry.patience.cancel();
    }
    entry.reply.accept(told);
  }
}
