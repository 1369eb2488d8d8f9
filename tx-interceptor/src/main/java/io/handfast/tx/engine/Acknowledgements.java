package io.handfast.tx.engine;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.port.EngineLoop;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Outcome messages for one branch that wait for their acknowledgement (T16): answered WORKING when
 * their patience is over, so that the rest of their batch is not kept. Confined to the loop.
 */
final class Acknowledgements {
  private static final class Waiting {
    final Consumer<ParticipantDriver.Told> reply;
    EngineLoop.@Nullable Timer patience;

    Waiting(Consumer<ParticipantDriver.Told> reply) {
      this.reply = reply;
    }
  }

  private static final ParticipantDriver.Told WORKING =
      new ParticipantDriver.Told(Acknowledgement.WORKING, "");

  private final EngineLoop loop;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  Acknowledgements(EngineLoop loop) {
    this.loop = loop;
  }

  void await(Consumer<ParticipantDriver.Told> reply) {
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

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  void answer(ParticipantDriver.Told told) {
    for (Waiting next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
      answer(next, told);
    }
  }

  private static void answer(Waiting entry, ParticipantDriver.Told told) {
    if (entry.patience != null) {
      entry.patience.cancel();
    }
    entry.reply.accept(told);
  }
}
