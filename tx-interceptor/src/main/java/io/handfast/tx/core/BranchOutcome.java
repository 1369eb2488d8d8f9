package io.handfast.tx.core;

/** How a branch ended. */
public enum BranchOutcome {
  COMMITTED,
  ABORTED,
  /** Nothing had to be done: no record, no second phase. */
  READ_ONLY,
  /**
   * The resource refused the outcome for good, or contradicting outcomes were told: a person must
   * look (rule T21).
   */
  HAZARD
}
