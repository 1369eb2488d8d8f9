package io.handfast.proxy.config.listener;

/** Where a connection comes from ({@code FilterChainMatch.ConnectionSourceType}). */
public enum SourceType {
  ANY,
  /** From this host: loopback, or the address that it was made to. */
  SAME_IP_OR_LOOPBACK,
  /** From anywhere else. */
  EXTERNAL
}
