package io.handfast.proxy.config;

/**
 * What happens on an accepted connection ({@code envoy.config.listener.v3.FilterChain}).
 *
 * @param name for logs; may be empty
 * @param filter the terminal network filter
 */
public record FilterChainConfig(String name, NetworkFilterConfig filter) {}
