package io.handfast.tx.explorer.etcd;

import io.handfast.tx.explorer.search.Fingerprint;

/**
 * A sidecar: the one that runs a service's branch, or a replica of it. Changed only while a move is
 * made.
 */
final class Pod {
  final int number;
  boolean up = true;

  /** How often it was started. */
  int process;

  /** The name of its incarnation: grows when its lease was lost, and when it is started. */
  int life;

  /** Of this process: its successor does not know the lives before. */
  int firstLife;

  boolean leased = true;
  int branch;
  int timers;

  /** Of its branch's record, as it wrote it last; 0 if it wrote none. */
  int revision;

  /** A BEGUN of its may arrive late, so that its end stays. */
  boolean echoes;

  /** What is remembered of the branch once it is over: a BranchOutcome's ordinal plus 1. */
  int remembered;

  /** Which coordinators wait for what came of an outcome: four bits each, process plus 1, or 0. */
  int toldBy;

  /** The process of the caller, plus 1, that waits for the answer; 0 if none does. */
  int calledBy;

  /** How its service answered: a TryAnswer's ordinal plus 1. */
  int answer;

  /** What it waits for: 1 for confirm, 2 for cancel; 0 for nothing. */
  int completing;

  boolean confirmSent;
  boolean cancelSent;
  int coordinator;
  int coordinatorTimers;
  int redeliver;

  /** COMMIT lost to ABORT. */
  boolean abortStands;

  Pod(int number) {
    this.number = number;
  }

  /** The service whose sidecar it is. */
  int node() {
    return number / 2;
  }

  /** Its incarnation, as records name their owner. */
  int owner() {
    return number << 4 | life;
  }

  void toldBy(int teller, int process) {
    int latest = Math.max(waiting(teller), process); // a former life waits no more
    toldBy = (toldBy & ~(15 << (4 * teller))) | ((latest + 1) << (4 * teller));
  }

  /** The process of a coordinator that waits; -1 if it does not. */
  int waiting(int teller) {
    return ((toldBy >> (4 * teller)) & 15) - 1;
  }

  Pod copy() {
    Pod copy = new Pod(number);
    copy.up = up;
    copy.process = process;
    copy.life = life;
    copy.firstLife = firstLife;
    copy.leased = leased;
    copy.branch = branch;
    copy.timers = timers;
    copy.revision = revision;
    copy.echoes = echoes;
    copy.remembered = remembered;
    copy.toldBy = toldBy;
    copy.calledBy = calledBy;
    copy.answer = answer;
    copy.completing = completing;
    copy.confirmSent = confirmSent;
    copy.cancelSent = cancelSent;
    copy.coordinator = coordinator;
    copy.coordinatorTimers = coordinatorTimers;
    copy.redeliver = redeliver;
    copy.abortStands = abortStands;
    return copy;
  }

  void describe(Fingerprint into) {
    int flags = 0;
    for (boolean flag : new boolean[] {up, leased, echoes, confirmSent, cancelSent, abortStands}) {
      flags = (flags << 1) | (flag ? 1 : 0);
    }
    into.add((long) branch << 32 | coordinator)
        .add(
            (long) firstLife << 56
                | (long) process << 48
                | (long) life << 40
                | (long) timers << 32
                | revision << 8
                | flags)
        .add(
            (long) remembered << 56
                | (long) toldBy << 48
                | (long) calledBy << 32
                | completing << 28
                | answer << 24
                | coordinatorTimers << 8
                | redeliver);
  }

  /** It dies; its lease ends by itself, later. */
  void die() {
    up = false;
    process++;
    forgetBranch();
    remembered = 0;
    toldBy = 0;
    calledBy = 0;
    answer = 0;
    forgetCoordinator();
  }

  void forgetBranch() {
    branch = 0;
    timers = 0;
    revision = 0;
    echoes = false;
    completing = 0;
  }

  void forgetCoordinator() {
    coordinator = 0;
    coordinatorTimers = 0;
    redeliver = 0;
    abortStands = false;
  }
}
