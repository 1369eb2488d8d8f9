package io.handfast.proxy.http;

import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import java.net.SocketAddress;

/**
 * Facts about a downstream connection; immutable. The identity of the peer joins with TLS.
 *
 * @param id unique in this process
 * @param remote the peer's address
 * @param local the address it connected to
 * @param listener name of the listener
 * @param direction of the listener
 */
public record ConnectionInfo(
    long id,
    SocketAddress remote,
    SocketAddress local,
    String listener,
    TrafficDirection direction) {}
