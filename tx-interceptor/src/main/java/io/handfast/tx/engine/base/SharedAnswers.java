package io.handfast.tx.engine.base;

import io.handfast.transaction.v1.Decision;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.port.SharedStore;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.port.TransactionStore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a shared store says, in the core's words (T18, T19). Of a journal nothing can be asked.
 * Confined to the engine's loop.
 */
public final class SharedAnswers {
  private static final String UNDONE = "undone by a replica that had taken it over";

  /**
   * That a branch has ended.
   *
   * @param detail of a hazard
   */
  public record Word(Acknowledgement acknowledgement, String detail) {}

  private final @Nullable SharedStore store;

  public SharedAnswers(TransactionStore store) {
    this.store = store instanceof SharedStore shared ? shared : null;
  }

  /** Whether other sidecars write into the same store. */
  public boolean isShared() {
    return store != null;
  }

  /** Under which a transaction begins now; 0 in a journal, where nobody asks. */
  public long incarnation() {
    return store == null ? 0 : store.incarnation();
  }

  /** Ends the doubt of a coordinator about its own decision (T18). */
  public void resolve(TxId tx, long incarnation, Consumer<CoordinatorEvent> reply) {
    shared()
        .resolve(
            tx,
            incarnation,
            found ->
                reply.accept(
                    switch (found) {
                      case Found.Committed _ -> new CoordinatorEvent.DecisionDurable();
                      case Found.Aborted _ ->
                          new CoordinatorEvent.DecisionLost("ABORT stands in the store");
                      case Found.Nothing _, Found.TakenOver _ ->
                          new CoordinatorEvent.Unresolvable("the store gave this sidecar up");
                      case Found.Unanswered it -> new CoordinatorEvent.Unresolved(it.reason());
                    }));
  }

  /**
   * Answers a participant in doubt from the store.
   *
   * @param handle of what is prepared, of a branch whose resource has one (T14); else empty
   * @param mayAbort its deadline has passed: ABORT is written where nothing stands (T19)
   * @param reply null where the store did not say
   * @param takenOver told instead where the branch is another sidecar's by now
   */
  public void inquire(
      TxId tx,
      ParticipantKey asker,
      String handle,
      boolean mayAbort,
      Consumer<@Nullable Answer> reply,
      Runnable takenOver) {
    shared()
        .inquire(
            tx,
            asker,
            mayAbort,
            found -> {
              switch (found) {
                case Found.Committed it -> reply.accept(answer(it.decision(), asker, handle));
                case Found.Aborted _ -> reply.accept(Answer.ABORTED);
                case Found.Nothing _ -> reply.accept(Answer.PENDING);
                case Found.TakenOver _ -> takenOver.run();
                case Found.Unanswered _ -> reply.accept(null);
              }
            });
  }

  private static Answer answer(Decision decision, ParticipantKey asker, String handle) {
    boolean listed =
        decision.getBranchesList().stream()
            .anyMatch(it ->
                it.getBranchId() == asker.branch().bits()
                    && Decided.samePrepared(it.getHandle(), handle)
                    && (!handle.isEmpty()
                        || it.getParticipant().equals(asker.participant().toString())));
    return listed ? Answer.COMMITTED : Answer.ABORTED;
  }

  /**
   * Whether whoever carried an outcome out has ended the branch, though its participant does not
   * say so: it may be lost, and another may have done it in its place.
   *
   * @param outcome that is owed to it: one that was undone instead is no acknowledgement of COMMIT
   * @param reply null where nobody has, or the store did not say
   */
  public void acknowledged(
      TxId tx,
      ParticipantKey branch,
      String service,
      Outcome outcome,
      Consumer<@Nullable Word> reply) {
    read(tx, branch, service, carried -> reply.accept(word(carried, outcome)));
  }

  /** This sidecar stops with a branch that another has taken over, or has ended (T19). */
  public void giveUp(TxId tx, ParticipantKey branch) {
    shared().giveUp(tx, branch);
  }

  /** What became of a branch that was lost to another sidecar (T19). */
  public void fate(TxId tx, ParticipantKey branch, String service, Consumer<OnceMore.Fate> reply) {
    read(
        tx,
        branch,
        service,
        carried ->
            reply.accept(
                switch (carried) {
                  case UNDONE -> OnceMore.Fate.UNDONE;
                  case ENDED, HAZARD -> OnceMore.Fate.OTHERWISE;
                  case OPEN, OWN, UNKNOWN -> OnceMore.Fate.OPEN;
                }));
  }

  /**
   * Whether a branch is still this sidecar's to end: read before it is called heuristic (T15).
   *
   * @param reply null where the store did not say
   */
  public void isOwn(
      TxId tx, ParticipantKey branch, String service, Consumer<@Nullable Boolean> reply) {
    read(
        tx,
        branch,
        service,
        carried ->
            reply.accept(
                switch (carried) {
                  case OWN -> Boolean.TRUE;
                  case OPEN, ENDED, UNDONE, HAZARD -> Boolean.FALSE;
                  case UNKNOWN -> null;
                }));
  }

  private void read(
      TxId tx, ParticipantKey branch, String service, Consumer<SharedStore.Carried> reply) {
    shared().carried(tx, branch.branch(), service, branch.participant().toString(), reply);
  }

  private static @Nullable Word word(SharedStore.Carried carried, Outcome outcome) {
    return switch (carried) {
      case ENDED -> new Word(Acknowledgement.DONE, "");
      case UNDONE ->
          switch (outcome) {
            case COMMIT -> new Word(Acknowledgement.HAZARD, UNDONE);
            case ABORT -> new Word(Acknowledgement.DONE, "");
          };
      case HAZARD -> new Word(Acknowledgement.HAZARD, "");
      case OPEN, OWN, UNKNOWN -> null;
    };
  }

  private SharedStore shared() {
    if (store == null) {
      throw new IllegalStateException("store: a journal (expected: one that is shared)");
    }
    return store;
  }
}
