package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.cluster.CircuitBreaker;
import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.stats.HostStats;
import org.jspecify.annotations.Nullable;

/**
 * One request's way to a connection: it waits, gets one or fails, and is given back at its end.
 * Confined to the pool's event loop.
 */
public final class Lease {

  /** Told once, on the loop; possibly before {@link LoopPools#lease} returns. */
  public interface Listener {
    /**
     * A connection takes the request: a stream is to be opened on it now.
     *
     * @param reused whether it has carried a request before, and so may have died unnoticed
     */
    void onConnection(ClientConnection connection, Host host, boolean reused);

    /**
     * There is none.
     *
     * @param host the endpoint that was tried; null if it did not come to that
     */
    void onFailure(PoolFailure failure, @Nullable Host host, String reason);
  }

  private final Cluster cluster;
  private final @Nullable CircuitBreaker breaker;
  private final Listener listener;
  private @Nullable HostStats sentTo;
  private boolean judged;
  private @Nullable HostPool waitsIn;
  private boolean ended;

  /**
   * @param breaker that the request was taken from, to be given back to; null: it was refused
   */
  Lease(Cluster cluster, @Nullable CircuitBreaker breaker, Listener listener) {
    this.cluster = cluster;
    this.breaker = breaker;
    this.listener = listener;
  }

  /** The request is over, or is not wanted any more; more than once does nothing. */
  public void end() {
    if (!ended) {
      ended = true;
      HostPool pool = waitsIn;
      if (pool != null) {
        waitsIn = null;
        pool.forget(this);
      }
      if (sentTo != null) {
        sentTo.rqActive().dec();
      }
      if (breaker != null) {
        breaker.returnRequest();
        cluster.stats().rqActive.dec();
      }
    }
  }

  /**
   * The endpoint answered: counted as its success or error. What comes later, as in Envoy, makes no
   * difference to that.
   */
  public void answered(int status) {
    if (sentTo != null && !judged) {
      judged = true;
      (status < 500 ? sentTo.rqSuccess() : sentTo.rqError()).inc();
    }
  }

  /** The endpoint broke off before it answered: counted as its error. */
  public void broken() {
    if (sentTo != null && !judged) {
      judged = true;
      sentTo.rqError().inc();
    }
  }

  /** The endpoint did not answer in time: counted as its timeout and error. */
  public void timedOut() {
    if (sentTo != null && !judged) {
      sentTo.rqTimeout().inc();
      broken();
    }
  }

  void waitsIn(HostPool pool) {
    waitsIn = pool;
  }

  void connected(ClientConnection connection, Host host, HostStats stats, boolean reused) {
    waitsIn = null;
    sentTo = stats;
    stats.rqTotal().inc();
    stats.rqActive().inc();
    listener.onConnection(connection, host, reused);
  }

  void failed(PoolFailure failure, @Nullable Host host, String reason) {
    waitsIn = null;
    end();
    listener.onFailure(failure, host, reason);
  }
}
