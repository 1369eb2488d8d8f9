package io.handfast.tx.core.coordinator;

/**
 * The timers of a transaction; at most one of each kind, of {@code REDELIVER} one for each
 * participant.
 */
public enum TimerKind {
  /** From the request's arrival to the latest moment at which a decision may be forced. */
  DEADLINE,
  /** How long the response waits, after the decision, for every branch to have carried it out. */
  COMPLETION_WAIT,
  /** Back-off before a participant is told, or asked to prepare, again: capped, with jitter. */
  REDELIVER,
  /** Back-off before a store that did not answer is asked again to end a doubt. */
  RESOLVE,
  /**
   * From an abort, or from the end of a transaction with branches struck off, how long ABORT is
   * told: after it participants ask (rule T15).
   */
  ABORT_DELIVERY
}
