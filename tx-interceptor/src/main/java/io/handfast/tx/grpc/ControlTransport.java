package io.handfast.tx.grpc;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;

/**
 * The event loops that the control service runs on, and their kind of socket: the proxy's own, so
 * that a sidecar has one set of threads. Nothing in this package blocks them.
 *
 * @param loops shared with the data path; not shut down here
 * @param server class of a listening socket for these loops
 * @param client class of a connected socket for these loops
 */
public record ControlTransport(
    EventLoopGroup loops, Class<? extends ServerChannel> server, Class<? extends Channel> client) {}
