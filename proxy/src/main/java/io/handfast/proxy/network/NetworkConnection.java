package io.handfast.proxy.network;

import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.channel.Channel;

/**
 * An accepted connection, its filter chain chosen and TLS, if any, negotiated.
 *
 * @param channel its socket; nothing is read of it unless a handler asks
 * @param info facts about it
 * @param loop its event loop
 * @param bufferLimit bytes that may wait in one direction
 */
public record NetworkConnection(
    Channel channel, ConnectionInfo info, Dispatcher loop, int bufferLimit) {

  /** The same, now that TLS has been negotiated on it. */
  public NetworkConnection withTls(TlsInfo negotiated) {
    return new NetworkConnection(channel, info.withTls(negotiated), loop, bufferLimit);
  }
}
