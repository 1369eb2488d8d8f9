package io.handfast.proxy.cluster.pool;

/** Why a request got no connection; nothing of it was sent. */
public enum PoolFailure {
  /** The cluster has no endpoint. */
  NO_HOST,
  /** A circuit breaker of the cluster is open. */
  OVERFLOW,
  /** The endpoint refused the connection or could not be reached. */
  CONNECT_FAILED,
  /** The endpoint did not answer within the connect timeout. */
  CONNECT_TIMEOUT
}
