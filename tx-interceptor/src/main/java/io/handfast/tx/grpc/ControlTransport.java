package io.handfast.tx.grpc;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/**
 * The event loops that the control service runs on, and their kind of socket: the proxy's own, so
 * that a sidecar has one set of threads. Nothing in this package blocks them.
 *
 * @param loops shared with the data path; not shut down here
 * @param server class of a listening socket for these loops
 * @param client class of a connected socket for these loops
 * @param security empty: plaintext, and everybody is taken at his word
 */
public record ControlTransport(
    EventLoopGroup loops,
    Class<? extends ServerChannel> server,
    Class<? extends Channel> client,
    Optional<Security> security) {

  /**
   * Mutual TLS of both sides. Who is at the other end is for these contexts to verify.
   *
   * @param server must demand a certificate; speaks {@code h2} by ALPN
   * @param client shows a certificate; speaks {@code h2} by ALPN
   */
  public record Security(SslContext server, SslContext client) {}
}
