package io.handfast.tx.core.coordinator;

/** How the boundary's service answered. */
public enum RootAnswer {
  /** With success, whole. */
  SUCCESS,
  /** With an error of its own, or the data path in its place: that is what the client gets. */
  ERROR,
  /** It never saw the request, for the store could not keep what undoing would need. */
  NOT_SENT
}
