package io.handfast.tx.context;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Protocol;

/**
 * What a call carries from its caller's sidecar to its callee's (rule T2).
 *
 * @param identity the transaction, and the branch that this call opens
 * @param decider who decides
 * @param caller where the votes go: the control service of the caller's sidecar
 * @param remainingMs milliseconds until the transaction's deadline, at the time of writing (rule
 *     T3); 0 to {@link #MAX_REMAINING_MS}
 * @param protocol by which the transaction commits
 */
public record TransactionContext(
    TransactionIdentity identity,
    Decider decider,
    Authority caller,
    long remainingMs,
    Protocol protocol) {
  /** One hour, the longest timeout of a boundary. */
  public static final long MAX_REMAINING_MS = 3_600_000;

  /** Of two-phase commit. */
  public TransactionContext(
      TransactionIdentity identity, Decider decider, Authority caller, long remainingMs) {
    this(identity, decider, caller, remainingMs, Protocol.TWO_PHASE);
  }

  public TransactionContext {
    if (remainingMs < 0 || remainingMs > MAX_REMAINING_MS) {
      throw new IllegalArgumentException(
          "remainingMs: " + remainingMs + " (expected: 0 to " + MAX_REMAINING_MS + ")");
    }
  }
}
