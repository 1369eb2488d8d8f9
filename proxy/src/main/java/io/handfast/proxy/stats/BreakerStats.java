package io.handfast.proxy.stats;

/**
 * The state of a cluster's circuit breakers for one priority, {@code circuit_breakers.PRIORITY.*}
 * in Envoy's names: an {@code open} gauge is 1 while nothing more is let through. Immutable; the
 * handles are thread-safe.
 */
public final class BreakerStats {

  /** {@code cx_open}: as many connections as there may be. */
  public final Gauge cxOpen;

  /** {@code rq_pending_open}: as many requests wait as may. */
  public final Gauge rqPendingOpen;

  /** {@code rq_open}: as many requests are in flight as may be. */
  public final Gauge rqOpen;

  /** {@code rq_retry_open}: as many requests are tried again as may be. */
  public final Gauge rqRetryOpen;

  /** {@code remaining_cx}: how many connections more, with {@code track_remaining}. */
  public final Gauge remainingCx;

  /** {@code remaining_pending}: how many may wait more. */
  public final Gauge remainingPending;

  /** {@code remaining_rq}: how many requests more. */
  public final Gauge remainingRq;

  /** {@code remaining_retries}: how many retries more. */
  public final Gauge remainingRetries;

  BreakerStats(Names names) {
    cxOpen = names.gauge("cx_open");
    rqPendingOpen = names.gauge("rq_pending_open");
    rqOpen = names.gauge("rq_open");
    rqRetryOpen = names.gauge("rq_retry_open");
    remainingCx = names.gauge("remaining_cx");
    remainingPending = names.gauge("remaining_pending");
    remainingRq = names.gauge("remaining_rq");
    remainingRetries = names.gauge("remaining_retries");
  }
}
