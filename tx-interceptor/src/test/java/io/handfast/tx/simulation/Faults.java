package io.handfast.tx.simulation;

/**
 * How often things go wrong, of a thousand chances.
 *
 * @param lose a message or an answer is lost
 * @param duplicate a message arrives twice
 * @param crash a sidecar dies between two steps
 * @param crashAtForce a sidecar dies in a force, before or after it is durable
 * @param disk a force fails, durable all the same or not
 * @param service a Try does not succeed
 * @param completion a confirm or cancel has to be tried again
 * @param early a timer runs out while other things could happen
 */
record Faults(
    int lose,
    int duplicate,
    int crash,
    int crashAtForce,
    int disk,
    int service,
    int completion,
    int early) {
  static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0);
  static final Faults NETWORK = new Faults(100, 100, 0, 0, 0, 50, 100, 100);
  static final Faults CRASHES = new Faults(20, 20, 15, 150, 0, 50, 100, 50);
  static final Faults ALL = new Faults(50, 50, 10, 80, 50, 100, 200, 100);
}
