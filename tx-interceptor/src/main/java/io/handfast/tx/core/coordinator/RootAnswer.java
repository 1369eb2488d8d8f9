package io.handfast.tx.core.coordinator;

/** How the boundary's service answered. */
public enum RootAnswer {
  /** With success, whole. */
  SUCCESS,
  /** With an error of its own: that is what the client gets. */
  ERROR,
  /** Not, or not whole: the data path may have an error in its place. */
  LOST,
  /** It never saw the request, for the store could not keep what undoing would need. */
  NOT_SENT
}
