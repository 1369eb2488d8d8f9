package io.handfast.proxy.transaction;

/**
 * The HTTP filter {@code handfast.transaction} of one listener. Immutable.
 *
 * @param inbound requests go to the local service; else they come from it
 * @param trustsAnybody whether context that arrives is believed whoever sends it (T6); else only
 *     from a peer whose certificate has been verified and names a workload
 */
public record FilterConfig(boolean inbound, boolean trustsAnybody) {}
