package io.handfast.tx.core;

/** What a participant answers to an outcome (rule T16). */
public enum Acknowledgement {
  /** Carried out, and that is durable. */
  DONE,
  /** Taken up, not done within the call: tell again. */
  WORKING,
  /** The participant at this address is not the one that voted. */
  ANOTHER_STORE,
  /** The resource refused the outcome for good (rule T21). */
  HAZARD
}
