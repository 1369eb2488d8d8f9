package io.handfast.tx.port;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import java.util.function.Consumer;

/**
 * What other sidecars ask of this one: implemented by the engine, called by the control service for
 * each item of a message. Thread-safe; returns at once. The reply is handed over exactly once, on
 * the engine's loop: at once where it is known, later where something has to be durable or carried
 * out first. A reply for which nobody waits any more is harmless.
 *
 * <p>An item whose ids are malformed (expected: {@code tx_id} of 16 bytes) is refused by {@link
 * IllegalArgumentException}, before anything is done.
 */
public interface ControlHandler {

  /** The sender's identity of this sidecar, for the messages that it sends and answers. */
  Sender self();

  /**
   * A coordinator tells the outcome of a branch (T16, T17).
   *
   * @param peer who says so: must be the decider (T20), whatever the sender calls himself
   */
  void onOutcome(Sender sender, Peer peer, OutcomeItem item, Consumer<OutcomeResult> reply);

  /**
   * A coordinator asks a branch to prepare (T14).
   *
   * @param peer who asks: must be the decider (T20), whatever the sender calls himself
   */
  void onPrepare(Sender sender, Peer peer, PrepareItem item, Consumer<PrepareResult> reply);

  /** Somebody asks how a branch stands, or to pre-commit (THREE_PHASE). */
  void onTerminate(Sender sender, TerminateItem item, Consumer<TerminateResult> reply);

  /** A participant asks for the outcome (T13, T14). */
  void onInquire(Sender sender, InquireItem item, Consumer<InquireResult> reply);

  /**
   * The sidecar of a service that was called from here votes (T8, T12).
   *
   * @param peer who votes: must be one to whom the call may have gone (T7), whatever the sender
   *     calls himself
   */
  void onVote(Sender sender, Peer peer, VoteItem item, Consumer<VoteResult> reply);
}
