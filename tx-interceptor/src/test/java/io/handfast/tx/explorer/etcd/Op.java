package io.handfast.tx.explorer.etcd;

/**
 * A request to etcd on its way. It is carried out at one moment, and its answer comes with it or
 * not at all. Immutable.
 *
 * @param kind what is asked
 * @param pod who asks
 * @param process of the pod; its successor hears no answer. -1 if it has been told that nobody
 *     knows: the request may arrive all the same
 * @param owner the incarnation in whose name
 * @param node the branch
 * @param revision that is compared
 * @param nodes of a decision, as bits
 * @param flag of its kind: ABORT may be written; the own record rides along; the end stays
 */
record Op(
    Kind kind, int pod, int process, int owner, int node, int revision, int nodes, boolean flag) {
  /** What is asked of etcd. */
  enum Kind {
    BEGIN,
    RECORD,
    END,
    RECLAIM,
    COMMIT,
    TRANSACTION_END,
    RESOLVE,
    ASK,
    /** A coordinator asks whether a branch has ended whose sidecar does not answer. */
    CARRIED,
    /** A sidecar that was told COMMIT of a branch that it does not know asks the same. */
    KNOWN;

    /** Whether anything is written, so that it matters when it arrives. */
    boolean writes() {
      return this != CARRIED && this != KNOWN;
    }
  }

  Op adrift() {
    return new Op(kind, pod, -1, owner, node, revision, nodes, flag);
  }

  @Override
  public String toString() {
    return kind
        + switch (kind) {
          case BEGIN, RECORD, END, RECLAIM, CARRIED, KNOWN -> " of " + node;
          case ASK -> flag ? " and abort, for " + node : " for " + node;
          case COMMIT, TRANSACTION_END, RESOLVE -> "";
        };
  }
}
