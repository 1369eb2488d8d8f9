package io.handfast.proxy.config;

import io.handfast.proxy.config.tls.TlsConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * What happens on an accepted connection ({@code envoy.config.listener.v3.FilterChain}).
 *
 * @param filter the terminal network filter
 * @param tls spoken on its connections; empty: plaintext
 * @param handshakeTimeout until TLS must be there; zero: none
 */
public record FilterChainConfig(
    NetworkFilterConfig filter, Optional<TlsConfig.Downstream> tls, Duration handshakeTimeout) {

  public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  public FilterChainConfig {
    Checks.notNegative("transport_socket_connect_timeout", handshakeTimeout);
  }

  /** A chain in plaintext. */
  public FilterChainConfig(NetworkFilterConfig filter) {
    this(filter, Optional.empty(), DEFAULT_HANDSHAKE_TIMEOUT);
  }
}
