package io.handfast.tx.engine;

import io.handfast.tx.engine.base.Backoff;

/**
 * When somebody who does not answer is taken for dead (THREE_PHASE): after three questions, and not
 * sooner than a second after the first, for a question may fail at once where a connection is reset
 * or an endpoint is being replaced. Stateless.
 */
final class Silence {
  private static final int QUESTIONS = 3;
  private static final long PAUSE_NANOS = 500_000_000;

  private Silence() {}

  /**
   * @param attempt how many questions have failed, from 1
   */
  static boolean isReached(int attempt) {
    return attempt >= QUESTIONS;
  }

  /** Until the next question. */
  static long pauseNanos(Backoff backoff, int attempt) {
    return PAUSE_NANOS + backoff.nanos(attempt);
  }
}
