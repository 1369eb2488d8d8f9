package io.handfast.tx.explorer.block;

import io.handfast.tx.explorer.Interner;
import io.handfast.tx.explorer.search.Fingerprint;

/** The machine of one branch at one sidecar. Changed only while a move is made. */
final class Actor {
  static final int COMMIT = 1;
  static final int ROLLBACK = 2;

  final int branch;
  final int host;
  int state = Interner.NONE;
  int timers;

  /** What it came to, while its sidecar lives: a BranchOutcome's ordinal plus 1. */
  int remembered;

  /** The life of the coordinator, plus 1, whose outcome is not answered yet; 0 if none waits. */
  int toldBy;

  // Of a block that is prepared.

  /** COMMIT PREPARED, ROLLBACK PREPARED: on their way, whoever has died. */
  int sent;

  /** For which of them it waits. */
  int waits;

  /** What its database is called here. */
  int name;

  /** A scan has found it. */
  boolean taken;

  boolean tells;
  boolean abortInquired;

  Actor(int branch, int host) {
    this.branch = branch;
    this.host = host;
  }

  Actor copy() {
    Actor copy = new Actor(branch, host);
    copy.state = state;
    copy.timers = timers;
    copy.remembered = remembered;
    copy.toldBy = toldBy;
    copy.sent = sent;
    copy.waits = waits;
    copy.name = name;
    copy.taken = taken;
    copy.tells = tells;
    copy.abortInquired = abortInquired;
    return copy;
  }

  void describe(Fingerprint into) {
    int flags = (taken ? 1 : 0) | (tells ? 2 : 0) | (abortInquired ? 4 : 0) | name << 3;
    into.add((long) state << 32 | (long) flags << 24 | timers << 16 | sent << 12 | waits << 8)
        .add(remembered << 8 | toldBy);
  }

  /** The machine is gone, with all that it was about. */
  void over() {
    state = Interner.NONE;
    timers = 0;
    waits = 0;
    name = 0;
    taken = false;
    tells = false;
    abortInquired = false;
  }
}
