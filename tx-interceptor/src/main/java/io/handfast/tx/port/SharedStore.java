package io.handfast.tx.port;

import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
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

    /** The store did not say. */
    record Unanswered(String reason) implements Found {}
  }

  /** Who ends a doubt. */
  enum Mandate {
    /**
     * Whose own decision is in doubt (T18): only while the incarnation lives under which it began.
     */
    COORDINATOR,
    /** Any participant, after the deadline (T19). */
    PARTICIPANT
  }

  /** What is known of a branch whose participant does not answer. */
  enum Carried {
    /** Its record is gone: whoever carried the outcome out has ended it. */
    ENDED,
    /** Its record stands as a hazard (T21). */
    HAZARD,
    /** Its record stands: nobody has. */
    OPEN,
    /** The store did not say. */
    UNKNOWN
  }

  /** Reads what stands of a transaction. */
  void read(TxId tx, Consumer<Found> reply);

  /**
   * Writes ABORT unless something stands; tells what stands then.
   *
   * @param incarnation of a coordinator: {@link #incarnation} when the transaction began
   * @param reason for people
   */
  void resolve(TxId tx, Mandate mandate, long incarnation, String reason, Consumer<Found> reply);

  /** Reads how far a branch of this store is. */
  void carried(
      TxId tx, BranchId branch, String service, String participant, Consumer<Carried> reply);

  /**
   * Begins to claim what lost sidecars left, and hands each claim over: decisions of this service,
   * and branches that this sidecar may end. What is handed over is durable and this sidecar's own,
   * until its incarnation is lost as well.
   */
  void takeOver(Consumer<List<Record>> claimed);
}
