package io.handfast.proxy.filter.router;

import java.time.Duration;
import java.util.function.LongUnaryOperator;

/**
 * How long a retry waits: drawn evenly from nothing up to 25 ms, doubling with each retry to at
 * most 250 ms. That is Envoy's default of {@code retry_back_off}. Thread-safe.
 *
 * @param draw an evenly drawn number from 0 up to its argument
 */
record RetryBackOff(LongUnaryOperator draw) {
  private static final long BASE_MILLIS = 25;
  private static final long MAX_MILLIS = 250;

  /** Doubled as often, the base is above the maximum for sure. */
  private static final int MAX_DOUBLINGS = 4;

  /**
   * @param retriesBefore how many retries of this request there have been
   */
  Duration next(int retriesBefore) {
    long bound = Math.min(MAX_MILLIS, BASE_MILLIS << Math.min(retriesBefore, MAX_DOUBLINGS));
    return Duration.ofMillis(draw.applyAsLong(bound));
  }
}
