package io.handfast.tx.port;

import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.TxId;
import java.util.List;
import java.util.function.Consumer;

/**
 * A store that several sidecars share: etcd. Every write of {@link #append} is conditional there: a
 * decision is taken only where no other stands and this incarnation lives, a branch record only
 * where nobody else has written it since. So more can be asked of it than of a journal: what stands
 * may be read, a doubt ended, and what a lost sidecar left carried on (T18, T19).
 *
 * <p>Confined to the {@link EngineLoop} as {@link TransactionStore}; each question is answered
 * once.
 */
public interface SharedStore extends TransactionStore {

  /** What stands of a transaction. */
  sealed interface Found {

    /** COMMIT. */
    record Committed(Decision decision) implements Found {}

    /** ABORT. */
    record Aborted() implements Found {}

    /**
     * Nothing. As the answer to {@link #resolve} of a coordinator: and nothing can be written any
     * more, for its incarnation is gone.
     */
    record Nothing() implements Found {}

    /**
     * The branch that asks is another sidecar's by now, or was ended by one: what stands, or does
     * not, is no answer to it. It has lost, and does nothing any more.
     */
    record TakenOver() implements Found {}

    /** The store did not say. */
    record Unanswered(String reason) implements Found {}
  }

  /** What is known of a branch whose participant does not answer. */
  enum Carried {
    /** Its record is gone: whoever carried the outcome out has ended it. */
    ENDED,
    /** The same, and it stands that it was undone by one that had taken it over. */
    UNDONE,
    /** Its record stands as a hazard (T21). */
    HAZARD,
    /** Its record stands: nobody has. */
    OPEN,
    /** The same, and it is this sidecar's own. */
    OWN,
    /** The store did not say. */
    UNKNOWN
  }

  /**
   * Tells a participant in doubt what stands.
   *
   * @param asker a branch that this sidecar runs, or one on another store
   * @param mayAbort its deadline has passed: ABORT is written unless something stands (T19)
   */
  void inquire(TxId tx, ParticipantKey asker, boolean mayAbort, Consumer<Found> reply);

  /**
   * This sidecar stops with a branch that another has taken over, or has ended: from now on it
   * claims it as anybody's, should that one be lost as well.
   */
  void giveUp(TxId tx, ParticipantKey branch);

  /**
   * Ends the doubt of a coordinator about its own decision: writes ABORT unless something stands;
   * tells what stands then (T18).
   *
   * @param incarnation {@link #incarnation} when the transaction began
   */
  void resolve(TxId tx, long incarnation, Consumer<Found> reply);

  /** Reads how far a branch of this store is. */
  void carried(
      TxId tx, BranchId branch, String service, String participant, Consumer<Carried> reply);

  /**
   * Begins to claim what lost sidecars left, and hands each claim over: decisions of this service,
   * and branches that this sidecar may end. What is handed over is durable and this sidecar's own,
   * until its incarnation is lost as well. Hazards of this pod come as they stand, once each, where
   * nobody lives who shows them.
   */
  void takeOver(Consumer<List<Record>> claimed);
}
