package io.handfast.tx.resource;

import java.util.List;
import java.util.Set;

/**
 * What a status says about a confirm or cancel (rule T21).
 *
 * <p>Pure. Statuses that say "not now" are tried again like 5xx; any other 4xx of a confirm is a
 * refusal for good; an undo that finds nothing is done.
 */
public enum CompletionVerdict {
  /** Carried out, now or before. */
  DONE,
  /** Not carried out as far as is known: try again. */
  RETRY,
  /** Refused for good. */
  REFUSED;

  private static final Set<Integer> NOT_NOW = Set.of(401, 403, 408, 421, 423, 425, 429);

  /** Verdict on a confirm. */
  public static CompletionVerdict ofConfirm(int status, List<Integer> alreadyDone) {
    return alreadyDone.contains(status) ? DONE : of(status);
  }

  /**
   * Verdict on a cancel: after a crash it may name a Try that never ran, so 404 and 410 are done.
   */
  public static CompletionVerdict ofCancel(int status) {
    return status == 404 || status == 410 ? DONE : of(status);
  }

  private static CompletionVerdict of(int status) {
    if (status >= 200 && status < 300) {
      return DONE;
    }
    return status >= 400 && status < 500 && !NOT_NOW.contains(status) ? REFUSED : RETRY;
  }
}
