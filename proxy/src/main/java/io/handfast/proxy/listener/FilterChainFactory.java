package io.handfast.proxy.listener;

import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.network.NetworkFilterChain;
import java.util.List;

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

  /**
   * What is told of a listener's connections; if that is not said, nothing is.
   *
   * @throws java.io.UncheckedIOException with a sentence, if a file cannot be opened
   */
  default List<AccessLog> accessLogs(ListenerConfig listener) {
    return List.of();
  }
}
