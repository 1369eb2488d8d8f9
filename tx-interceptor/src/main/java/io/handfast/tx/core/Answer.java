package io.handfast.tx.core;

/** What an inquiry is answered (rules T13 and T14). */
public enum Answer {
  COMMITTED,
  ABORTED,
  /** The transaction runs, or its decision is being forced or in doubt. */
  PENDING,
  /** Says nothing: the store that is named as decider is another one. */
  NOT_MINE
}
