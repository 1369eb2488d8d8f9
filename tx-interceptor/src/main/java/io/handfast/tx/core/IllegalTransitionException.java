package io.handfast.tx.core;

/**
 * An event met a state in which it cannot happen unless there is a bug. The machine has not moved;
 * its shell fails closed, and adds the history that it keeps.
 */
public final class IllegalTransitionException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public IllegalTransitionException(String machine, String id, Object state, Object event) {
    super(
        machine
            + " "
            + id
            + " in state "
            + state
            + ": "
            + event
            + " (expected: an event that this state can meet; this is a bug)");
  }
}
