package io.handfast.proxy.cluster;

import io.handfast.proxy.config.ClusterConfig.Thresholds;
import io.handfast.proxy.stats.BreakerStats;
import io.handfast.proxy.stats.Gauge;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * The bounds of one cluster for one priority of requests, over all event loops. Every {@code take}
 * that says yes is to be given back. Thread-safe.
 */
public final class CircuitBreaker {
  private final Bound connections;
  private final Bound pending;
  private final Bound requests;
  private final Bound retries;

  CircuitBreaker(Thresholds limits, BreakerStats stats) {
    boolean remaining = limits.trackRemaining();
    connections = new Bound(limits.maxConnections(), stats.cxOpen, stats.remainingCx, remaining);
    pending =
        new Bound(
            limits.maxPendingRequests(), stats.rqPendingOpen, stats.remainingPending, remaining);
    requests = new Bound(limits.maxRequests(), stats.rqOpen, stats.remainingRq, remaining);
    retries = new Bound(limits.maxRetries(), stats.rqRetryOpen, stats.remainingRetries, remaining);
  }

  /** One of the connections, if there is one left. */
  public boolean takeConnection() {
    return connections.take();
  }

  /**
   * One more than there may be: for an endpoint that has none, whose requests would wait for ever.
   * As in Envoy, so that the connections of other endpoints cannot starve it. Bound: one per
   * endpoint, protocol, priority and event loop. A bound of 0 has no exception.
   */
  public boolean takeConnectionBeyond() {
    return connections.takeBeyond();
  }

  /** Gives a connection back. */
  public void returnConnection() {
    connections.giveBack();
  }

  /** A place among those that wait for a connection. */
  public boolean takePending() {
    return pending.take();
  }

  /** Gives a place back. */
  public void returnPending() {
    pending.giveBack();
  }

  /** A request in flight. */
  public boolean takeRequest() {
    return requests.take();
  }

  /** Gives a request back. */
  public void returnRequest() {
    requests.giveBack();
  }

  /** A request that is tried again. */
  public boolean takeRetry() {
    return retries.take();
  }

  /** Gives a retry back. */
  public void returnRetry() {
    retries.giveBack();
  }

  /** Gives up its part of the gauges, when another takes its place. */
  void close() {
    connections.close();
    pending.close();
    requests.close();
    retries.close();
  }

  /** One of the bounds, and the gauges that show it. */
  private static final class Bound {
    private static final AtomicIntegerFieldUpdater<Bound> TAKEN =
        AtomicIntegerFieldUpdater.newUpdater(Bound.class, "taken");

    private final int max;
    private final Gauge open;
    private final Gauge remaining;
    private final boolean tracked;
    private volatile int taken;

    Bound(int max, Gauge open, Gauge remaining, boolean tracked) {
      this.max = max;
      this.open = open;
      this.remaining = remaining;
      this.tracked = tracked;
      if (max == 0) {
        open.inc();
      }
      if (tracked) {
        remaining.add(max);
      }
    }

    boolean take() {
      int before = taken;
      while (before < max) {
        if (TAKEN.compareAndSet(this, before, before + 1)) {
          onTaken(before + 1);
          return true;
        }
        before = taken;
      }
      return false;
    }

    boolean takeBeyond() {
      if (max == 0) {
        return false;
      }
      onTaken(TAKEN.incrementAndGet(this));
      return true;
    }

    private void onTaken(int now) {
      if (now == max) {
        open.inc();
      }
      if (tracked && now <= max) {
        remaining.dec();
      }
    }

    void giveBack() {
      int now = TAKEN.decrementAndGet(this);
      if (now == max - 1) {
        open.dec();
      }
      if (tracked && now < max) {
        remaining.inc();
      }
    }

    /** What is still taken is given back in time. */
    void close() {
      if (max == 0) {
        open.dec();
      }
      if (tracked) {
        remaining.add(-max);
      }
    }
  }
}
