package io.handfast.proxy.listener;

import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.network.NetworkFilterChain;

/** Makes what runs on the connections of a filter chain. Thread-safe. */
@FunctionalInterface
public interface FilterChainFactory {

  /**
   * The filters of one chain.
   *
   * @param listener that it belongs to
   * @throws java.io.UncheckedIOException with a sentence, if a file of an access log cannot be
   *     opened
   */
  NetworkFilterChain create(ListenerConfig listener, FilterChainConfig chain);
}
