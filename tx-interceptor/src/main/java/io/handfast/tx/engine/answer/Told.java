package io.handfast.tx.engine.answer;

import io.handfast.tx.core.Acknowledgement;

/**
 * What the sender of an outcome message is answered.
 *
 * @param detail of a hazard, and of what is not believed
 */
public record Told(Acknowledgement acknowledgement, String detail) {
  /** Taken up, not done within the call: tell again. */
  public static final Told WORKING = new Told(Acknowledgement.WORKING, "");
}
