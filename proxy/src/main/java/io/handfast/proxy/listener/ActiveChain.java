package io.handfast.proxy.listener;

import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.network.NetworkFilterChain;
import io.handfast.proxy.tls.TlsContext;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A filter chain as it runs. Thread-safe: what it refers to is one reference each. */
final class ActiveChain {
  private final NetworkFilterChain filters;
  private final Function<TlsConfig, TlsContext> contexts;
  private volatile FilterChainConfig config;
  private volatile @Nullable TlsContext tls;

  /**
   * @param config what it is configured to be
   * @param filters run on its connections
   * @param contexts of TLS, loaded
   */
  ActiveChain(
      FilterChainConfig config,
      NetworkFilterChain filters,
      Function<TlsConfig, TlsContext> contexts) {
    this.filters = filters;
    this.contexts = contexts;
    this.config = config;
    this.tls = config.tls().map(contexts).orElse(null);
  }

  FilterChainConfig config() {
    return config;
  }

  NetworkFilterChain filters() {
    return filters;
  }

  /** Spoken on connections to come; null: none. */
  @Nullable TlsContext tls() {
    return tls;
  }

  /** The same, but for what it refers to: connections that are there keep their TLS. */
  void refresh(FilterChainConfig now) {
    config = now;
    tls = now.tls().map(contexts).orElse(null);
    filters.refresh(now);
  }
}
