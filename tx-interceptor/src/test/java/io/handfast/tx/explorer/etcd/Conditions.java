package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.Answer;

/**
 * Under which conditions a record is written, as rule T19 has them. A mutant overrides one of the
 * methods and compares too little.
 */
public interface Conditions {
  Conditions REAL = new Conditions() {};

  /** BEGUN. */
  default boolean begins(boolean absent, boolean writerLives) {
    return absent && writerLives;
  }

  /** The branch record behind it, its new owner, its end. */
  default boolean goesOn(boolean unchanged) {
    return unchanged;
  }

  /**
   * COMMIT.
   *
   * @param began the incarnation lives under which the transaction began
   * @param own the boundary's own branch is unchanged, whose record rides along
   */
  default boolean commits(boolean nothingStands, boolean began, boolean own) {
    return nothingStands && began && own;
  }

  /** ABORT, by the coordinator whose COMMIT is in doubt. */
  default boolean resolves(boolean nothingStands, boolean began) {
    return nothingStands && began;
  }

  /** ABORT, by a participant after its deadline. */
  default boolean aborts(boolean nothingStands, boolean unchanged) {
    return nothingStands && unchanged;
  }

  /** A record becomes another sidecar's. */
  default boolean claims(boolean ownerLives, boolean claimerLives) {
    return !ownerLives && claimerLives;
  }

  /** ABORT is removed. */
  default boolean collects(boolean began) {
    return !began;
  }

  /** What a participant in doubt makes of finding nothing. */
  default Answer ofNothing() {
    return Answer.PENDING;
  }

  /** What a coordinator in doubt makes of finding nothing, its own incarnation being gone. */
  default boolean nothingIsAbort() {
    return false;
  }
}
