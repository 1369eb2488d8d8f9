package io.handfast.tx.engine.base;

import java.util.random.RandomGenerator;

/**
 * Capped exponential back-off with full jitter (T15): at most 50 ms at first, then twice, to 5 s.
 */
public final class Backoff {
  private static final long FIRST_NANOS = 50_000_000;
  private static final long CAP_NANOS = 5_000_000_000L;
  private static final long FLOOR_NANOS = 1_000_000;

  private final RandomGenerator random;

  public Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** How long to wait after that many attempts, from 1. */
  public long nanos(int attempt) {
    int doublings = Math.min(Math.max(attempt - 1, 0), 7);
    return random.nextLong(FLOOR_NANOS, Math.min(CAP_NANOS, FIRST_NANOS << doublings) + 1);
  }
}
