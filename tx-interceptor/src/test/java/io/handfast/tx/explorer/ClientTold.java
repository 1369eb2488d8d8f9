package io.handfast.tx.explorer;

import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;

/** What the client was told. */
public enum ClientTold {
  NOTHING,
  COMMITTED,
  ABORTED,
  UNKNOWN;

  /** As the answers say it. */
  public static ClientTold of(Failure failure) {
    return switch (failure) {
      case OWN_ERROR, NO_ANSWER, ABORTED, DEADLINE, UNAVAILABLE -> ABORTED;
      case UNKNOWN, HAZARD -> UNKNOWN;
    };
  }
}
