package io.handfast.proxy.config;

import io.handfast.proxy.config.listener.FilterChainMatch;
import io.handfast.proxy.config.tls.TlsConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What happens on an accepted connection ({@code envoy.config.listener.v3.FilterChain}).
 *
 * @param match which connections it is for
 * @param filters network filters in order; the last one is the terminal one. Those that would do
 *     nothing are left out.
 * @param tls spoken on its connections; empty: plaintext
 * @param handshakeTimeout until TLS must be there; zero: none
 */
public record FilterChainConfig(
    FilterChainMatch match,
    List<NetworkFilterConfig> filters,
    Optional<TlsConfig.Downstream> tls,
    Duration handshakeTimeout) {

  public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  public FilterChainConfig {
    Checks.notNegative("transport_socket_connect_timeout", handshakeTimeout);
    filters = List.copyOf(filters);
    if (filters.isEmpty()) {
      throw new IllegalArgumentException("filters: [] (expected: at least the terminal one)");
    }
  }

  /** A chain in plaintext for every connection. */
  public FilterChainConfig(NetworkFilterConfig terminal) {
    this(FilterChainMatch.ANY, List.of(terminal), Optional.empty(), DEFAULT_HANDSHAKE_TIMEOUT);
  }

  /** The HTTP connection manager, if that is what ends the chain. */
  public Optional<HttpConnectionManagerConfig> http() {
    return filters.getLast() instanceof HttpConnectionManagerConfig http
        ? Optional.of(http)
        : Optional.empty();
  }
}
