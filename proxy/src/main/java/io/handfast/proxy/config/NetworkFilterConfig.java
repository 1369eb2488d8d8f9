package io.handfast.proxy.config;

/** What a network filter was configured to be; its parser makes it. Immutable. */
public interface NetworkFilterConfig {

  /** Prefix of the statistics of this filter; never empty. */
  String statPrefix();
}
