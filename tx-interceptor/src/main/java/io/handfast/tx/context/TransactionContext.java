package io.handfast.tx.context;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Decider;

/**
 * What a call carries from its caller's sidecar to its callee's (rule T2).
 *
 * @param identity the transaction, and the branch that this call opens
 * @param decider who decides
 * @param caller where the votes go: the control service of the caller's sidecar
 * @param remainingMs milliseconds until the transaction's deadline, at the time of writing (rule
 *     T3); 0 to {@link #MAX_REMAINING_MS}
 */
public record TransactionContext(
    TransactionIdentity identity, Decider decider, Authority caller, long remainingMs) {
  /** One hour, the longest timeout of a boundary. */
  public static final long MAX_REMAINING_MS = 3_600_000;

  public TransactionContext {
    if (remainingMs < 0 || remainingMs > MAX_REMAINING_MS) {
      throw new IllegalArgumentException(
          "remainingMs: " + remainingMs + " (expected: 0 to " + MAX_REMAINING_MS + ")");
    }
  }
}
