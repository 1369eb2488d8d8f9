package io.handfast.tx.core.participant;

/** The timers of a branch; at most one of each kind runs. */
public enum TimerKind {
  /** The remaining time of the transaction, as it came with the request. */
  DEADLINE,
  /** The Try's own timeout; after a restart counted anew in full (rule T17). */
  TRY_TIMEOUT,
  /** Back-off before the next inquiry: 50 ms to 5 s with full jitter (rule T15). */
  INQUIRY,
  /** Back-off before the next confirm or cancel. */
  RETRY
}
