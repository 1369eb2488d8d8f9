package io.handfast.tx.explorer;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.explorer.search.Fingerprint;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    WITHDRAWN,
    /** What an operator decided for a branch in doubt. */
    RESOLVED_COMMIT,
    RESOLVED_ABORT,
    /** What the transaction came to, where an operator had decided. */
    SETTLED_COMMIT,
    SETTLED_ABORT,
    /** That an operator has forgotten an end that stayed. */
    FORGOTTEN,
    /** The same, of a decision that somebody does not acknowledge. */
    DECISION_FORGOTTEN;

    int bit() {
      return 1 << ordinal();
    }
  }

  /** An end that an operator decided, until the truth is known, and after it if that is another. */
  enum Kept {
    NOT,
    AWAITING,
    SETTLING,
    MIXED
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

  static final int RESOLVED = Entry.RESOLVED_COMMIT.bit() | Entry.RESOLVED_ABORT.bit();
  static final int SETTLED = Entry.SETTLED_COMMIT.bit() | Entry.SETTLED_ABORT.bit();

  /** What operators do, and what comes of it. */
  static final int OPERATORS =
      RESOLVED | SETTLED | Entry.FORGOTTEN.bit() | Entry.DECISION_FORGOTTEN.bit();

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

  /** What an operator has decided for the branch that runs here; null if nobody has. */
  @Nullable Outcome word;

  Kept kept = Kept.NOT;

  /** Its back-off runs; then it asks for the truth. */
  boolean asksTruth;

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

  /**
   * What a former life had sent to the service, and is not what an operator has decided since, is
   * on its way: nobody can hold it back. It comes once.
   */
  boolean straggler;

  /** It has come. */
  boolean straggled;

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
    copy.word = word;
    copy.kept = kept;
    copy.asksTruth = asksTruth;
    copy.straggler = straggler;
    copy.straggled = straggled;
    return copy;
  }

  void describe(Fingerprint into) {
    int flags = 0;
    for (boolean flag :
        new boolean[] {
          up,
          stopped,
          trying,
          late,
          working,
          confirmSent,
          cancelSent,
          prepareSent,
          ready,
          delegated,
          asksTruth,
          straggler,
          straggled
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
        .add((long) durable << 32 | (long) decided << 24 | (long) timers << 16 | calls)
        .add(
            (long) preCommitters << 32
                | (word == null ? 0L : 1L + word.ordinal()) << 30
                | completing << 28
                | effect.ordinal() << 26
                | kept.ordinal() << 24
                | remembered << 16
                | answer << 8
                | written);
  }

  boolean has(Entry entry) {
    return (durable & entry.bit()) != 0;
  }

  /** An operator's decision is durable. */
  boolean isResolved() {
    return (durable & RESOLVED) != 0;
  }

  boolean hasEnd() {
    return (durable & ENDS) != 0;
  }

  /** What is durable from now on. */
  void keep(List<Write> writes) {
    for (Write write : writes) {
      if ((write.entries() & RESOLVED) != 0) {
        straggler = (write.entries() & Entry.RESOLVED_COMMIT.bit()) != 0 ? cancelSent : confirmSent;
      }
      durable |= write.entries();
      decided |= write.nodes();
    }
  }

  /** Something comes that an operator has decided against: whether a former life has sent it. */
  boolean straggles() {
    boolean before = straggler;
    straggled |= straggler;
    straggler = false;
    return before;
  }

  int call(int node) {
    return (calls >> (2 * node)) & 3;
  }

  void call(int node, int result) {
    calls = (calls & ~(3 << (2 * node))) | (result << (2 * node));
  }
}
