package io.handfast.proxy.filter.router;

import io.handfast.proxy.cluster.CircuitBreaker;
import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.RouteAction.RetryPolicy;

/**
 * How often one request may still be tried again because no connection could be made for it.
 * Confined to the stream's event loop.
 */
final class RetryState {
  private final Cluster cluster;
  private final CircuitBreaker breaker;
  private final RetryPolicy policy;
  private int left;
  private boolean counted;

  RetryState(Cluster cluster, RoutingPriority priority, RetryPolicy policy) {
    this.cluster = cluster;
    this.breaker = cluster.breaker(priority);
    this.policy = policy;
    this.left = policy.onConnectFailure() ? policy.numRetries() : 0;
  }

  /** What is to be done about a failure. */
  enum Verdict {
    /** Try again; counted against {@code max_retries} until {@link #end}. */
    RETRY,
    /** Answer: the route asks for no retry. */
    NO_RETRY,
    /** Answer: all tries are used up. */
    LIMIT_EXCEEDED,
    /** Answer: the cluster has {@code max_retries} of them under way. */
    OVERFLOW
  }

  /** No connection could be made. */
  Verdict onConnectFailure() {
    end();
    if (!policy.onConnectFailure() || policy.numRetries() == 0) {
      return Verdict.NO_RETRY;
    }
    if (left == 0) {
      return Verdict.LIMIT_EXCEEDED;
    }
    if (!breaker.takeRetry()) {
      cluster.stats().rqRetryOverflow.inc();
      return Verdict.OVERFLOW;
    }
    left--;
    counted = true;
    cluster.stats().rqRetry.inc();
    return Verdict.RETRY;
  }

  /** How many retries there have been before the one that is due. */
  int before() {
    return policy.numRetries() - left - 1;
  }

  /** Whether it has been tried again. */
  boolean retried() {
    return left < policy.numRetries() && policy.onConnectFailure();
  }

  /** The response has begun. */
  void succeeded() {
    if (counted) {
      cluster.stats().rqRetrySuccess.inc();
    }
    end();
  }

  /** The try is over, however it ended. */
  void end() {
    if (counted) {
      counted = false;
      breaker.returnRetry();
    }
  }
}
