package io.handfast.proxy.listener;

import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.network.NetworkFilterChain;
import io.handfast.proxy.tls.TlsContext;
import org.jspecify.annotations.Nullable;

/**
 * A filter chain as it runs. Immutable.
 *
 * @param config what it was configured to be
 * @param filters run on its connections
 * @param tls spoken on them; null: none
 */
record ActiveChain(
    FilterChainConfig config, NetworkFilterChain filters, @Nullable TlsContext tls) {}
