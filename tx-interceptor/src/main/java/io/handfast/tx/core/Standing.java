package io.handfast.tx.core;

/**
 * How a branch of a THREE_PHASE transaction stands, as it tells those who end the transaction
 * without its coordinator (Skeen, "Nonblocking commit protocols", 1981).
 *
 * <p>A branch that has been <i>away</i>, because its sidecar has restarted or its store does not
 * take records, may have missed what the others decided since: its standing decides nothing unless
 * all of them have been away.
 */
public enum Standing {
  /** Carried out, or being carried out. */
  COMMITTED,
  /** Undone, or being undone; it never promised, or has been told. */
  ABORTED,
  /** It knows that all have promised. */
  PRE_COMMITTED,
  /** It has promised. */
  READY,
  AWAY_PRE_COMMITTED,
  AWAY_READY,
  /** Asked to prepare it had nothing to commit: it is out. */
  OUT,
  /** It knows nothing of the branch (any more), or nothing that could be told: says nothing. */
  UNKNOWN;

  /** What a branch that is over says. */
  public static Standing after(BranchOutcome outcome) {
    return switch (outcome) {
      case COMMITTED -> COMMITTED;
      case ABORTED -> ABORTED;
      case READ_ONLY -> OUT;
      case HAZARD -> UNKNOWN; // a person has to look
    };
  }

  /** Has promised, does not know the outcome, and has not been away. */
  public boolean isOperational() {
    return this == PRE_COMMITTED || this == READY;
  }

  public boolean isAway() {
    return this == AWAY_PRE_COMMITTED || this == AWAY_READY;
  }

  public boolean isPreCommitted() {
    return this == PRE_COMMITTED || this == AWAY_PRE_COMMITTED;
  }
}
