package io.handfast.tx.port;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;

/**
 * What this sidecar says to the control services of others. Called on the {@link EngineLoop}; never
 * blocks; may put items for one authority into one message. Replies may come on any thread, once
 * each, also where the call that made them has not returned. Nothing is retried here: that is the
 * engine's.
 */
public interface Peers {

  /** Tells a participant the outcome. */
  void outcome(String authority, OutcomeItem item, Reply<OutcomeResult> reply);

  /** Asks a participant to prepare. */
  void prepare(String authority, PrepareItem item, Reply<PrepareResult> reply);

  /**
   * Asks a branch how it stands, or to pre-commit (THREE_PHASE). When this sidecar closes there is
   * no reply, for that is not the peer's silence.
   */
  void terminate(String authority, TerminateItem item, Reply<TerminateResult> reply);

  /** Asks a decider for the outcome. When this sidecar closes there is no reply, as above. */
  void inquire(String authority, InquireItem item, Reply<Inquired> reply);

  /** Tells a caller's sidecar the votes of a call that it made here. */
  void vote(String authority, VoteItem item, Reply<VoteResult> reply);

  /**
   * What was answered.
   *
   * @param by whom
   */
  record Inquired(Peer by, InquireResult result) {}

  /** What came of an item. */
  interface Reply<T> {

    /** The peer answered this item. */
    void onResult(T result);

    /**
     * No answer, or one without this item: it may or may not have arrived.
     *
     * @param reason a short sentence for logs
     */
    void onFailure(String reason);
  }
}
