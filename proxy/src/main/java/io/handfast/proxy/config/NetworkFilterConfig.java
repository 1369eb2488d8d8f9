package io.handfast.proxy.config;

/**
 * The terminal network filter of a chain. TCP proxy and PostgreSQL will be further permitted
 * records.
 */
public sealed interface NetworkFilterConfig permits HttpConnectionManagerConfig {

  /** Prefix of the statistics of this filter; never empty. */
  String statPrefix();
}
