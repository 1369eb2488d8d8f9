package io.handfast.tx.explorer.block;

import io.handfast.tx.explorer.Words;
import org.jspecify.annotations.Nullable;

/**
 * Something on its way between two sidecars. Immutable.
 *
 * @param kind what it is
 * @param from who sent it
 * @param to where it arrives
 * @param life of who waits for an answer, or for this one
 * @param branch what it is about
 * @param content of its kind: votes, an outcome, an answer; a handle
 * @param flag of its kind: an answer was a success, an outcome is awaited
 */
record Mail(
    Kind kind, int from, int to, int life, int branch, @Nullable Object content, boolean flag) {
  enum Kind {
    REQUEST,
    ANSWER,
    BROKEN,

    /** Votes outside of an answer. */
    VOTES,
    OUTCOME,
    ACKNOWLEDGEMENT,
    UNDELIVERED,
    INQUIRY,
    INQUIRY_ANSWER,

    /** COMMIT of a block was carried out in the place of who voted. */
    CARRIED_OUT,
    CARRIED_OUT_ANSWER;

    /** It may be lost; what its receiver finds out by itself may not. */
    boolean travels() {
      return this != BROKEN && this != UNDELIVERED;
    }
  }

  @Override
  public String toString() {
    String what = branch + " " + kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    return content == null ? what : what + " " + Words.of(content);
  }
}
