package io.handfast.proxy.cluster.pool;

/** What is spoken on the connections of a pool. */
public enum Wire {
  HTTP1,
  /** By prior knowledge, or agreed on by TLS. */
  HTTP2,
  /** Nothing: bytes for one request, and then it is over. */
  RAW
}
