package io.handfast.tx.engine.base;

import io.handfast.tx.core.Vote;

/**
 * What the sender of a PREPARE is answered.
 *
 * @param vote {@code PREPARED}, {@code READ_ONLY} or {@code ABORT}; {@code ASK}: at work, ask again
 * @param reason of an abort, for people
 */
public record Promise(Vote vote, String reason) {
  /** Taken up, not done within the call: ask again. */
  public static final Promise WORKING = new Promise(Vote.ASK, "");

  /** It will not commit. */
  public static Promise no(String reason) {
    return new Promise(Vote.ABORT, reason);
  }
}
