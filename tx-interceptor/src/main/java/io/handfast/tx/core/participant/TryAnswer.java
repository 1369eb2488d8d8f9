package io.handfast.tx.core.participant;

/** How the service's work on a branch, the Try, came out. */
public enum TryAnswer {
  /** Answered with success, whole. */
  SUCCESS,
  /** Answered with a definite 4xx: nothing happened, nothing is to be undone. */
  REFUSED,
  /** Answered with 5xx: it may have happened. */
  FAILED,
  /** No answer, or a part of one: it may have happened, and may happen still. */
  LOST,
  /** The service never saw the request. */
  NOT_SENT
}
