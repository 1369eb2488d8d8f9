package io.handfast.tx.explorer.etcd;

import io.handfast.tx.explorer.search.Fingerprint;

/** What stands in etcd of one transaction. Changed only while a move is made. */
final class Etcd {
  static final int ABSENT = 0;
  static final int BEGUN = 1;
  static final int PREPARED = 2;

  /** The end of a branch whose BEGUN may arrive again. */
  static final int ENDED = 3;

  static final int NOTHING = 0;
  static final int COMMIT = 1;
  static final int ABORT = 2;

  int decision;
  int decidedNodes;
  int decisionOwner;

  /** Branches that a COMMIT has listed, whenever. */
  int everDecided;

  final int[] record;
  final int[] owner;
  final int[] revision;

  /** Branches whose record is, or was, there: as bits, two for each. */
  int ever;

  Etcd(int nodes) {
    this(new int[nodes], new int[nodes], new int[nodes]);
  }

  private Etcd(int[] record, int[] owner, int[] revision) {
    this.record = record;
    this.owner = owner;
    this.revision = revision;
  }

  Etcd copy() {
    Etcd copy = new Etcd(record.clone(), owner.clone(), revision.clone());
    copy.decision = decision;
    copy.decidedNodes = decidedNodes;
    copy.decisionOwner = decisionOwner;
    copy.everDecided = everDecided;
    copy.ever = ever;
    return copy;
  }

  void put(int node, int kind, int by) {
    record[node] = kind;
    owner[node] = by;
    revision[node]++;
    ever |= 1 << (2 * node + (kind == PREPARED ? 1 : 0));
  }

  void remove(int node) {
    record[node] = ABSENT;
    owner[node] = 0;
    revision[node]++;
  }

  boolean unchanged(int node, int since) {
    return record[node] != ABSENT && revision[node] == since;
  }

  boolean wasThere(int node, int kind) {
    return (ever & 1 << (2 * node + (kind == PREPARED ? 1 : 0))) != 0;
  }

  void describe(Fingerprint into) {
    into.add(
        (long) decision << 40
            | (long) decidedNodes << 32
            | decisionOwner << 16
            | everDecided << 8
            | ever);
    for (int i = 0; i < record.length; i++) {
      into.add((long) record[i] << 32 | owner[i] << 16 | revision[i]);
    }
  }
}
