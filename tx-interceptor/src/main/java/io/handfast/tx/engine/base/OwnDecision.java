package io.handfast.tx.engine.base;

import io.handfast.tx.core.Answer;

/**
 * What the sender of a delegation is answered (ONE_PHASE).
 *
 * @param answer COMMITTED or ABORTED; PENDING: at work, ask again; NOT_MINE: nothing is known
 * @param reason of an abort, for people
 */
public record OwnDecision(Answer answer, String reason) {
  /** Taken up, not done within the call: ask again. */
  public static final OwnDecision WORKING = new OwnDecision(Answer.PENDING, "");

  /** Absence says nothing: a branch that has committed may have been forgotten. */
  public static final OwnDecision NOTHING = new OwnDecision(Answer.NOT_MINE, "");
}
