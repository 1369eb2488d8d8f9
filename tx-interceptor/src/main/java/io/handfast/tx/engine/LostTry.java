package io.handfast.tx.engine;

import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.base.OnceMore;
import java.util.function.Consumer;

/**
 * How the Try of a branch that another sidecar has taken over is undone once more (T19). Confined
 * to the engine's loop.
 */
final class LostTry implements OnceMore.Means {
  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final BranchStore store;
  private final Consumer<String> hazard;

  /**
   * @param hazard told what the service refuses to undo (T21)
   */
  LostTry(Wiring wiring, ParticipantDriver driver, BranchStore store, Consumer<String> hazard) {
    wiring.tables().toBeUndone();
    this.wiring = wiring;
    this.driver = driver;
    this.store = store;
    this.hazard = hazard;
  }

  @Override
  public void fate(Consumer<OnceMore.Fate> reply) {
    var branch = driver.branch();
    wiring
        .inquiries()
        .ask(
            driver.decider().store().value(),
            done ->
                wiring
                    .shared()
                    .fate(
                        branch.tx(),
                        branch.key(),
                        branch.service(),
                        fate -> {
                          try {
                            reply.accept(fate);
                          } finally {
                            done.run();
                          }
                        }));
  }

  @Override
  public void cancel(int attempt, Consumer<Boolean> over) {
    driver.story().detail("undone once more: another replica had aborted it");
    store.cancelOnceMore(
        attempt,
        event -> {
          if (event instanceof ParticipantEvent.CompletionRefused refused) {
            hazard.accept(refused.detail());
          }
          over.accept(!(event instanceof ParticipantEvent.CompletionFailed));
        });
  }

  @Override
  public void over() {
    wiring.tables().undone();
  }

  @Override
  public void later(int attempt, Runnable again) {
    wiring.loop().schedule(wiring.backoff().nanos(attempt), again);
  }
}
