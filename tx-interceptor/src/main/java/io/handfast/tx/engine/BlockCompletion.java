package io.handfast.tx.engine;

import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.port.Databases.Completed;
import java.util.function.Consumer;

/** Ends what is prepared in a database, from its handle alone. Confined to the engine's loop. */
final class BlockCompletion {
  private final Wiring wiring;

  BlockCompletion(Wiring wiring) {
    this.wiring = wiring;
  }

  /** Has the database commit, or roll back, what a branch has prepared. */
  void complete(ParticipantDriver driver, BlockHandle handle, Outcome outcome, int attempt) {
    complete(
        driver.key(),
        handle,
        attempt == 1 ? name(driver, handle) : beginning(driver.key(), handle),
        outcome,
        completed -> {
          switch (completed) {
            case Completed.Done _ -> {
              driver.handle(new ParticipantEvent.CompletionSucceeded());
              if (outcome == Outcome.COMMIT) {
                driver.effects().carriedOut();
              }
            }
            case Completed.Failed it ->
                driver.handle(
                    new ParticipantEvent.CompletionFailed(
                        statement(outcome) + ", attempt " + attempt + ": " + it.reason()));
            case Completed.Contradicted it -> contradicted(driver, outcome, it.reason());
          }
        });
  }

  /** In one round trip; who is told again that it failed looks what there is. */
  private static String name(ParticipantDriver driver, BlockHandle handle) {
    BranchKey key = driver.key();
    return GlobalId.of(key.tx(), key.branch(), handle.block(), handle.xid(), driver.decider())
        .toString();
  }

  private static String beginning(BranchKey key, BlockHandle handle) {
    return handle.globalIdPrefix(key.tx(), key.branch());
  }

  /**
   * ABORTED that was said from absence may be about a block that another has committed meanwhile,
   * who was told in time: stale, and no hazard (T15).
   */
  private static void contradicted(ParticipantDriver driver, Outcome outcome, String reason) {
    if (outcome == Outcome.ABORT && driver.isAbortInquired()) {
      driver.endedElsewhere();
    } else {
      driver.handle(new ParticipantEvent.CompletionRefused(statement(outcome) + ": " + reason));
    }
  }

  /**
   * What became of a branch that nobody here knows and no scan shows. Nothing is ended: what is
   * prepared all the same says who decides it, and has to be seen before he is believed (T20).
   *
   * @param reply told on the loop, once
   */
  void became(BranchKey key, BlockHandle handle, Outcome outcome, Consumer<Completed> reply) {
    inTurn(
        handle.database(),
        answer ->
            wiring
                .databases()
                .became(handle.database(), beginning(key, handle), handle.xid(), outcome, answer),
        reply);
  }

  private void complete(
      BranchKey key, BlockHandle handle, String name, Outcome outcome, Consumer<Completed> reply) {
    String database = handle.database();
    inTurn(
        database,
        answer -> {
          ForcePoints.beforeCompletion(key.tx(), key.branch());
          switch (outcome) {
            case COMMIT -> wiring.databases().commit(database, name, handle.xid(), answer);
            case ABORT -> wiring.databases().rollback(database, name, handle.xid(), answer);
          }
        },
        completed -> {
          if (completed instanceof Completed.Done) {
            ForcePoints.afterCompletion(key.tx(), key.branch());
          }
          reply.accept(completed);
        });
  }

  /** Asks when it is the database's turn, which is given back when the loop has the answer. */
  private void inTurn(
      String database, Consumer<Consumer<Completed>> question, Consumer<Completed> reply) {
    wiring
        .databaseTurns()
        .ask(
            database,
            done ->
                question.accept(completed ->
                    wiring
                        .loop()
                        .execute(() -> {
                          try {
                            reply.accept(completed);
                          } finally {
                            done.run(); // a turn that is lost is lost for all
                          }
                        })));
  }

  static String statement(Outcome outcome) {
    return switch (outcome) {
      case COMMIT -> "COMMIT PREPARED";
      case ABORT -> "ROLLBACK PREPARED";
    };
  }
}
