package io.handfast.tx.explorer;

import org.jspecify.annotations.Nullable;

/**
 * Something on its way between two sidecars. Immutable.
 *
 * @param kind what it is
 * @param from who sent it
 * @param to where it arrives
 * @param life of the sender that waits for an answer; 0 of what is an answer itself
 * @param content of its kind: votes, an outcome, an answer
 * @param flag of its kind: an answer was a success, votes are final, an outcome is awaited, the
 *     decision is left to the branch that is asked, the truth is asked for behind an operator's
 *     word
 */
record Message(Kind kind, int from, int to, int life, @Nullable Object content, boolean flag) {
  /** What travels, and what a network may do to it. */
  enum Kind {
    /** A service's call, with its context. */
    REQUEST(true, false),
    /** Its answer, maybe with votes. */
    ANSWER(true, true),
    /** The connection of a call broke. */
    BROKEN(false, true),
    /** Votes outside of an answer. */
    VOTES(true, false),
    /** What became of them: no such call. */
    VOTE_UNKNOWN(true, true),
    /** COMMIT or ABORT. */
    OUTCOME(true, false),
    /** What the participant said to it. */
    ACKNOWLEDGEMENT(true, true),
    /** Nobody answered an outcome. */
    UNDELIVERED(false, true),
    /** A participant in doubt asks. */
    INQUIRY(true, false),
    /** The answer. */
    INQUIRY_ANSWER(true, true),
    /** A branch that voted {@code ask} is asked to prepare, or left to decide. */
    PREPARE(true, false),
    /** What it said: its vote, or its decision. */
    PREPARE_ANSWER(true, true),
    /** It did not answer. */
    UNPREPARED(false, true),
    /** THREE_PHASE: a branch is asked how it stands, or to pre-commit. */
    STANDING(true, false),
    /** What it said. */
    STANDING_ANSWER(true, true),
    /** It died before it had pre-committed. */
    STANDING_SILENT(false, true);

    private final boolean travels;
    private final boolean answer;

    Kind(boolean travels, boolean answer) {
      this.travels = travels;
      this.answer = answer;
    }

    /** Under THREE_PHASE: who is not heard is taken for dead, on a network that is synchronous. */
    boolean tellsLife() {
      return switch (this) {
        case INQUIRY, INQUIRY_ANSWER, STANDING, STANDING_ANSWER -> true;
        case REQUEST,
            ANSWER,
            BROKEN,
            VOTES,
            VOTE_UNKNOWN,
            OUTCOME,
            ACKNOWLEDGEMENT,
            UNDELIVERED,
            PREPARE,
            PREPARE_ANSWER,
            UNPREPARED,
            STANDING_SILENT ->
            false;
      };
    }

    /** It may be lost; what its sender finds out by itself may not. */
    boolean travels() {
      return travels;
    }

    /** It dies with the connection on which its receiver waits for it. */
    boolean isAnswer() {
      return answer;
    }
  }

  @Override
  public String toString() {
    String what = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    return content == null ? what : what + " " + Words.of(content);
  }
}
