package io.handfast.proxy.cluster;

import java.net.InetSocketAddress;

/**
 * One endpoint of a cluster. Immutable; equal if address and name are, so that a pool survives a
 * resolution that changes nothing.
 *
 * @param address resolved
 * @param hostname as configured; the address in text if there is none
 */
public record Host(InetSocketAddress address, String hostname) {}
