package io.handfast.k8s.controlplane.protocol;

import com.google.rpc.Status;

/** What a request says to what was sent before. */
sealed interface Heard {

  /** Nothing: it only asks. */
  record Asked() implements Heard {}

  /** It was taken. */
  record Acknowledged() implements Heard {}

  /** It was refused, for that reason. */
  record Refused(Status reason) implements Heard {}

  /** It speaks of a response that is not the last one: what comes behind it counts. */
  record Stale() implements Heard {}

  /** An answer with or without an error. */
  static Heard answer(boolean refused, Status error) {
    return refused ? new Refused(error) : new Acknowledged();
  }
}
