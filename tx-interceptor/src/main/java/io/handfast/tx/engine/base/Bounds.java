package io.handfast.tx.engine.base;

import java.time.Duration;

/** What bounds the engine, where no configuration does. */
public final class Bounds {
  /** Branches in flight; ten for each transaction that a busy sidecar begins. More are refused. */
  public static final int MAX_BRANCHES = 100_000;

  /** Branches remembered after their end (T16); beyond it the oldest go. */
  public static final int MAX_REMEMBERED = 100_000;

  /** Answers kept for duplicates (the guards), in bytes; beyond it the oldest go. */
  public static final long MAX_STORED_ANSWER_BYTES = 16L << 20;

  /**
   * The largest answer kept for a duplicate, and the largest body held for a vote (T8), in bytes.
   */
  public static final int MAX_STORED_ANSWER = 64 * 1024;

  /** Duplicates of one branch that wait for the first. */
  public static final int MAX_DUPLICATES = 16;

  /** Inquiries to one decider that are unanswered: four of them fill a message. */
  public static final int MAX_INQUIRIES = 256;

  /** Messages of one kind for one branch that wait for their answer. */
  public static final int MAX_WAITING_MESSAGES = 4;

  /** Traces that may name a branch (T4); beyond it none is taken on. */
  public static final int MAX_TRACES = 65_536;

  /** Entries of one transaction's timeline: the first and the last half are kept. */
  public static final int MAX_TIMELINE = 64;

  /** Branches of an ended transaction that operators see; the first are kept. */
  public static final int MAX_ENDED_BRANCHES = 32;

  /** Ended transactions that operators see. */
  public static final int MAX_RECENT = 1_000;

  /** Branches, and decisions, that operators have given up and are still answered for. */
  public static final int MAX_FORGOTTEN = 10_000;

  /**
   * Ends that stay for people (T21). None is ever dropped: beyond it no new branch is taken that
   * would change something.
   */
  public static final int MAX_KEPT = 10_000;

  /** Completions that the local service has not answered, and as many repeated ones. */
  public static final int MAX_COMPLETIONS = 256;

  /** Characters of an operator's name, and of his reason. */
  public static final int MAX_REASON = 512;

  /** Characters of a hazard that are taken from whoever tells it. */
  public static final int MAX_DETAIL = 512;

  /** How long a branch may be remembered whose deadline is not known: the longest of a boundary. */
  public static final Duration MAX_TIMEOUT = Duration.ofHours(1);

  /** How long ABORT is told: after it participants ask (T15). */
  public static final Duration ABORT_DELIVERY = Duration.ofSeconds(30);

  /** How long an outcome, or a PREPARE, waits before it is answered that the branch is at work. */
  public static final Duration ACKNOWLEDGEMENT_PATIENCE = Duration.ofMillis(500);

  /** How long a block may be prepared before a scan takes it for one that nobody runs. */
  public static final Duration BLOCK_SETTLES = Duration.ofSeconds(5);

  /** How long a record is offered again to a store that refuses it for its load. */
  public static final Duration WRITE_PATIENCE = Duration.ofSeconds(5);

  /** How long a refused record waits before it is offered again. */
  public static final Duration WRITE_RETRY = Duration.ofMillis(10);

  private Bounds() {}
}
