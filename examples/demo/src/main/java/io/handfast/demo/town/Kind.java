package io.handfast.demo.town;

/** How the bank is written, and where its sidecars keep what they must remember. */
public enum Kind {
  /** In plain SQL: a service's own COMMIT is its vote. Each sidecar has a journal. */
  DATABASE("left in pg_prepared_xacts"),
  /** With reservations, which are confirmed or cancelled. Each sidecar has a journal. */
  CALLBACK("reservations and transfers left open"),
  /** The same, but decisions and branch records are in etcd. */
  ETCD("reservations and transfers left open");

  /** What must not be left when all has ended. */
  public final String open;

  Kind(String open) {
    this.open = open;
  }
}
