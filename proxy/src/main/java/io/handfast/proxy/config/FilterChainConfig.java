package io.handfast.proxy.config;

/**
 * What happens on an accepted connection ({@code envoy.config.listener.v3.FilterChain}).
 *
 * @param filter the terminal network filter
 */
public record FilterChainConfig(NetworkFilterConfig filter) {}
