package io.handfast.tx.core;

import java.util.Collection;
import java.util.Set;

/** What the answer to a confirm or cancel request means (rule T21). */
public enum CompletionVerdict {
  DONE,
  /** Not now: to be tried again. */
  RETRY,
  /** Never: a heuristic hazard. */
  REFUSED;

  /** 4xx that may pass: authentication, limits, locks. */
  private static final Set<Integer> RETRIED = Set.of(401, 403, 408, 421, 423, 425, 429);

  /**
   * Reads an HTTP status.
   *
   * @param outcome what was carried out
   * @param status the status of the answer; 1xx, 3xx and what is no status count as "not now"
   * @param alreadyDone statuses by which this service says that it confirmed before; they count for
   *     COMMIT only
   */
  public static CompletionVerdict of(Outcome outcome, int status, Collection<Integer> alreadyDone) {
    if (status >= 200 && status < 300) {
      return DONE;
    }
    if (outcome == Outcome.COMMIT && alreadyDone.contains(status)) {
      return DONE;
    }
    // After a crash an undo may name a Try that never ran.
    if (outcome == Outcome.ABORT && (status == 404 || status == 410)) {
      return DONE;
    }
    return isDefinite(status) ? REFUSED : RETRY;
  }

  private static boolean isDefinite(int status) {
    return status >= 400 && status < 500 && !RETRIED.contains(status);
  }
}
