package io.handfast.tx.engine;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.engine.answer.Acknowledgements;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Remembered;
import java.util.function.Consumer;

/**
 * Takes an outcome for a branch of this sidecar, whether or not it knows one (T16). Pure wiring.
 */
final class OutcomeDesk {
  private OutcomeDesk() {}

  static void told(
      Wiring wiring,
      BranchKey key,
      Outcome outcome,
      boolean awaited,
      Consumer<Acknowledgements.Told> reply) {
    ParticipantDriver driver = wiring.tables().participant(key);
    if (driver != null) {
      driver.told(outcome, awaited, reply);
      return;
    }
    Remembered.Memory memory = wiring.tables().remembered().get(key);
    reply.accept(memory == null ? unknown(wiring, key, outcome) : remembered(memory, outcome));
  }

  /**
   * ABORT overtook the call, or the call never comes: its branch-id is remembered, so that it is
   * refused if it does. COMMIT of a branch that ended before a restart: its end was durable, else
   * it would have been found.
   */
  private static Acknowledgements.Told unknown(Wiring wiring, BranchKey key, Outcome outcome) {
    if (outcome == Outcome.ABORT) {
      long now = wiring.loop().nanoTime();
      wiring
          .tables()
          .remembered()
          .put(
              key,
              new Remembered.Memory(
                  BranchOutcome.ABORTED, "", now + Bounds.MAX_TIMEOUT.toNanos(), null),
              now);
    }
    return new Acknowledgements.Told(Acknowledgement.DONE, "");
  }

  private static Acknowledgements.Told remembered(Remembered.Memory memory, Outcome told) {
    boolean agrees =
        switch (memory.outcome()) {
          case COMMITTED -> told == Outcome.COMMIT;
          case ABORTED -> told == Outcome.ABORT;
          case READ_ONLY -> true;
          case HAZARD -> false;
        };
    if (agrees) {
      return new Acknowledgements.Told(Acknowledgement.DONE, "");
    }
    String detail =
        memory.outcome() == BranchOutcome.HAZARD
            ? memory.detail()
            : "told " + told + " after the branch ended " + memory.outcome();
    return new Acknowledgements.Told(Acknowledgement.HAZARD, detail);
  }
}
