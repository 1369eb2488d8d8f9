package io.handfast.proxy.transaction;

/**
 * The HTTP filter {@code handfast.transaction} of one listener. Immutable.
 *
 * @param inbound requests go to the local service; else they come from it
 * @param trusted whether context that arrives is believed (T6)
 */
public record FilterConfig(boolean inbound, boolean trusted) {}
