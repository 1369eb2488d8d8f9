package io.handfast.tx.explorer.etcd;

import io.handfast.tx.explorer.Words;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something on its way between two sidecars. Immutable.
 *
 * @param from and to are pods
 * @param process of the sender that waits for an answer
 * @param node the branch of which it is
 * @param content of its kind
 * @param flag of its kind: an answer was a success, votes are final, an outcome is awaited
 */
record Mail(
    Kind kind, int from, int to, int process, int node, @Nullable Object content, boolean flag) {
  /** What travels; what its sender finds out by itself is no travelling. */
  enum Kind {
    REQUEST,
    ANSWER,
    BROKEN,
    VOTES,
    VOTE_UNKNOWN,
    OUTCOME,
    ACKNOWLEDGEMENT,
    UNDELIVERED;

    boolean travels() {
      return this != BROKEN && this != UNDELIVERED;
    }

    /** It dies with who waits for it. */
    boolean isAnswer() {
      return this == ANSWER || this == BROKEN || this == ACKNOWLEDGEMENT || this == UNDELIVERED;
    }
  }

  @Override
  public String toString() {
    String what = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return content == null ? what : what + " " + Words.of(content);
  }
}
