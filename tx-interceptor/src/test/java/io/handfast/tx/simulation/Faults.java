package io.handfast.tx.simulation;

/**
 * How often things go wrong, of a thousand chances.
 *
 * @param lose a message or an answer is lost
 * @param duplicate a message arrives twice
 * @param crash a sidecar dies between two steps
 * @param crashAtForce a sidecar dies in a force, somewhere among what the disk does, or after it
 * @param machine a death is the machine's: any part of what was not forced is lost
 * @param disk a force fails, durable all the same or not; or a write is refused
 * @param service a Try does not succeed
 * @param completion a confirm or cancel has to be tried again
 * @param early a timer runs out while other things could happen; each host's clock runs at a rate
 *     of its own
 * @param pause a sidecar stops, and goes on later as if nothing had been
 * @param cut the network between two hosts is cut, for a while
 * @param pod a sidecar is lost for good, with its disk
 * @param lease a lease in etcd ends, of a sidecar that may live
 * @param operator somebody decides for a branch in doubt, once in a run
 * @param doubt a request to etcd is lost, or its answer, or it is carried out late
 * @param database a database dies, and is back later; or a scan does not show all of what it holds
 */
record Faults(
    int lose,
    int duplicate,
    int crash,
    int crashAtForce,
    int machine,
    int disk,
    int service,
    int completion,
    int early,
    int pause,
    int cut,
    int pod,
    int lease,
    int operator,
    int doubt,
    int database) {
  static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  static final Faults NETWORK =
      new Faults(100, 100, 0, 0, 0, 0, 50, 100, 100, 10, 10, 0, 0, 0, 0, 5);
  static final Faults CRASHES =
      new Faults(20, 20, 15, 150, 0, 0, 50, 100, 50, 0, 0, 0, 0, 0, 0, 10);
  static final Faults MACHINES =
      new Faults(20, 20, 15, 150, 500, 0, 50, 100, 50, 0, 0, 0, 0, 0, 0, 10);

  /** A machine's death together with what else a disk and a network do. */
  static final Faults WRECKS =
      new Faults(30, 30, 12, 100, 400, 40, 50, 100, 80, 5, 5, 0, 0, 0, 0, 10);

  static final Faults ALL = new Faults(50, 50, 10, 80, 0, 50, 100, 200, 100, 5, 5, 0, 0, 0, 0, 10);
  static final Faults PODS = new Faults(30, 30, 8, 50, 0, 20, 50, 100, 100, 5, 5, 4, 0, 10, 0, 10);
  static final Faults SHARED = new Faults(40, 30, 8, 0, 0, 0, 50, 100, 60, 8, 6, 2, 12, 0, 40, 10);
  static final Faults OPERATORS =
      new Faults(30, 30, 10, 60, 0, 30, 50, 100, 100, 5, 5, 0, 0, 60, 0, 10);
}
