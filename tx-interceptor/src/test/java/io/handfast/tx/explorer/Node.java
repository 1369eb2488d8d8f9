package io.handfast.tx.explorer;

import io.handfast.tx.explorer.search.Fingerprint;
import java.util.List;

/**
 * A sidecar with its store, and its service, as they are at one moment. Changed only while a move
 * is made.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class Node {
  /** What a service's reservation has come to. */
  enum Effect {
    NONE,
    RESERVED,
    CONFIRMED,
    CANCELLED
  }

  /** What a store holds of a transaction, and of a branch. */
  enum Entry {
    BEGUN,
    PREPARED,
    DECISION,
    /** The root's branch record, in the decision. */
    OWN,
    END_COMMITTED,
    END_ABORTED,
    END_HAZARD,
    TRANSACTION_END,
    END_READ_ONLY,
    /** Of the only branch that updates, to which the decision was left. */
    OWN_DECISION,
    /** THREE_PHASE, at the coordinator: that all have promised. */
    PRE_COMMIT,
    /** The same, at a branch. */
    PRE_COMMITTED,
    /** That a branch decided to abort, in the coordinator's place. */
    WITHDRAWN;

    int bit() {
      return 1 << ordinal();
    }
  }

  /**
   * A write on its way to the disk.
   *
   * @param entries what it holds, as bits
   * @param nodes of a decision, as bits
   * @param overlapped told when it is written, too
   */
  record Write(int entries, int nodes, boolean overlapped) {}

  static final int ENDS =
      Entry.END_COMMITTED.bit()
          | Entry.END_ABORTED.bit()
          | Entry.END_HAZARD.bit()
          | Entry.END_READ_ONLY.bit();

  final int number;

  // The sidecar, which dies.
  boolean up = true;
  int life;
  int branch;
  int timers;
  int pending;

  /** Of {@link #pending}, how many survive the death of the process. */
  int written;

  /** The life of the coordinator, plus 1, whose outcome is not answered yet; 0 if none waits. */
  int toldBy;

  /** The life of the coordinator, plus 1, that waits for a promise or a decision; 0 if none. */
  int askedBy;

  /** What it waits for is the decision. */
  boolean delegated;

  /**
   * Who waits until it has pre-committed: four bits for each node, its life plus 1, and the
   * coordinator's behind them.
   */
  int preCommitters;

  /** The life of the caller's sidecar, plus 1, that waits for the answer; 0 if none does. */
  int calledBy;

  /** What is remembered of the branch once it is over: a BranchOutcome's ordinal plus 1. */
  int remembered;

  // The store, which survives.
  boolean stopped;
  int durable;
  int decided;

  // The service, which survives.
  Effect effect = Effect.NONE;
  boolean trying;
  int tryLife;
  boolean late;
  boolean working;

  /** Its calls, two bits for each node: 0 not made, 1 under way, 2 succeeded, 3 failed. */
  int calls;

  /** How its sidecar heard it answer: a TryAnswer's ordinal plus 1. */
  int answer;

  boolean confirmSent;
  boolean cancelSent;
  boolean prepareSent;

  /** Has said that it can commit. */
  boolean ready;

  /** What the sidecar waits for: 1 for confirm, 2 for cancel, 3 for prepare; 0 for nothing. */
  int completing;

  Node(int number) {
    this.number = number;
  }

  Node copy() {
    Node copy = new Node(number);
    copy.up = up;
    copy.life = life;
    copy.branch = branch;
    copy.timers = timers;
    copy.pending = pending;
    copy.written = written;
    copy.toldBy = toldBy;
    copy.askedBy = askedBy;
    copy.delegated = delegated;
    copy.preCommitters = preCommitters;
    copy.calledBy = calledBy;
    copy.remembered = remembered;
    copy.stopped = stopped;
    copy.durable = durable;
    copy.decided = decided;
    copy.effect = effect;
    copy.trying = trying;
    copy.tryLife = tryLife;
    copy.late = late;
    copy.working = working;
    copy.calls = calls;
    copy.answer = answer;
    copy.confirmSent = confirmSent;
    copy.cancelSent = cancelSent;
    copy.prepareSent = prepareSent;
    copy.ready = ready;
    copy.completing = completing;
    return copy;
  }

  void describe(Fingerprint into) {
    int flags = 0;
    for (boolean flag :
        new boolean[] {
          up, stopped, trying, late, working, confirmSent, cancelSent, prepareSent, ready, delegated
        }) {
      flags = (flags << 1) | (flag ? 1 : 0);
    }
    into.add((long) branch << 32 | pending)
        .add(
            (long) life << 56
                | (long) toldBy << 48
                | (long) calledBy << 40
                | (long) askedBy << 32
                | (tryLife & 0xffL) << 16
                | flags)
        .add((long) durable << 48 | (long) decided << 40 | (long) timers << 32 | calls)
        .add(
            (long) preCommitters << 32
                | completing << 28
                | effect.ordinal() << 24
                | remembered << 16
                | answer << 8
                | written);
  }

  boolean has(Entry entry) {
    return (durable & entry.bit()) != 0;
  }

  boolean hasEnd() {
    return (durable & ENDS) != 0;
  }

  /** What is durable from now on. */
  void keep(List<Write> writes) {
    for (Write write : writes) {
      durable |= write.entries();
      decided |= write.nodes();
    }
  }

  int call(int node) {
    return (calls >> (2 * node)) & 3;
  }

  void call(int node, int result) {
    calls = (calls & ~(3 << (2 * node))) | (result << (2 * node));
  }
}
