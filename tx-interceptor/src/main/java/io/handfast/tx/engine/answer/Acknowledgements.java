package io.handfast.tx.engine.answer;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.port.EngineLoop;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Outcome messages for one branch that wait for their acknowledgement (T16): answered WORKING when
 * their patience is over, so that the rest of their batch is not kept. Confined to the loop.
 */
public final class Acknowledgements {
  /** What the sender of an outcome message is answered. */
  public record Told(Acknowledgement acknowledgement, String detail) {}

  private static final class Waiting {
    final Consumer<Told> reply;
    EngineLoop.@Nullable Timer patience;

    Waiting(Consumer<Told> reply) {
      this.reply = reply;
    }
  }

  private static final Told WORKING = new Told(Acknowledgement.WORKING, "");

  private final EngineLoop loop;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  public Acknowledgements(EngineLoop loop) {
    this.loop = loop;
  }

  public void await(Consumer<Told> reply) {
    if (waiting.size() >= Bounds.MAX_WAITING_OUTCOMES) {
      answer(waiting.removeFirst(), WORKING);
    }
    Waiting entry = new Waiting(reply);
    waiting.addLast(entry);
    entry.patience =
        loop.schedule(
            Bounds.ACKNOWLEDGEMENT_PATIENCE.toNanos(),
            () -> {
              if (waiting.remove(entry)) {
                answer(entry, WORKING);
              }
            });
  }

  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  public void answer(Told told) {
    for (Waiting next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
      answer(next, told);
    }
  }

  private static void answer(Waiting entry, Told told) {
    if (entry.patience != null) {
      entry.patience.cancel();
    }
    entry.reply.accept(told);
  }
}
