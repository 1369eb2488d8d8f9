package io.handfast.proxy.listener;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.stats.ListenerStats;
import io.handfast.proxy.tls.Handshake;
import io.handfast.proxy.tls.TlsContext;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections that a listener accepted under one configuration. Thread-safe: connections come
 * and go on their own loops.
 */
final class Generation {
  private final ListenerConfig config;
  private final Map<Channel, ServerConnection> connections = new ConcurrentHashMap<>();
  private final List<ActiveChain> chains;
  private volatile boolean draining;

  /**
   * @param chains those of the configuration, in its order
   */
  Generation(ListenerConfig config, List<ActiveChain> chains) {
    this.config = config;
    this.chains = List.copyOf(chains);
  }

  ListenerConfig config() {
    return config;
  }

  int connections() {
    return connections.size();
  }

  void refresh(ConfigSnapshot now) {
    chains.forEach(chain -> chain.filters().refresh(now));
  }

  /** Takes a connection, on its own loop. */
  void accept(Channel channel, NettyDispatcher loop, ListenerStats stats, long id) {
    int limit = config.perConnectionBufferLimitBytes();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(limit / 2, limit));
    ConnectionInfo info =
        new ConnectionInfo(
            id,
            channel.remoteAddress(),
            channel.localAddress(),
            config.name(),
            config.trafficDirection());
    stats.cxTotal.inc();
    stats.cxActive.inc();
    channel
        .closeFuture()
        .addListener(_ -> {
          connections.remove(channel);
          stats.cxActive.dec();
          stats.cxDestroy.inc();
        });
    ActiveChain chain = chains.getFirst();
    TlsContext tls = chain.tls();
    if (tls == null) {
      open(chain, new NetworkConnection(channel, info, loop, limit));
    } else {
      secure(chain, tls, new NetworkConnection(channel, info, loop, limit), stats);
    }
  }

  private void secure(
      ActiveChain chain, TlsContext context, NetworkConnection connection, ListenerStats stats) {
    connections.put(connection.channel(), new Shaking(connection.channel()));
    Handshake.server(
        connection.channel(),
        context,
        chain.config().handshakeTimeout(),
        stats.tls,
        new Handshake.Listener() {
          @Override
          public void onSecured(TlsInfo negotiated) {
            open(chain, connection.withTls(negotiated));
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            if (timedOut) {
              stats.cxTransportSocketConnectTimeout.inc();
            }
          }
        });
  }

  /** The bytes of the connection are its filters' from now on. */
  private void open(ActiveChain chain, NetworkConnection connection) {
    ServerConnection opened = chain.filters().open(connection);
    if (opened == null || !connection.channel().isOpen()) {
      return;
    }
    connections.put(connection.channel(), opened);
    if (draining) { // the handshake was under way
      opened.drain();
    }
  }

  /** A connection on which TLS is being negotiated: there is nothing to finish on it. */
  private record Shaking(Channel channel) implements ServerConnection {
    @Override
    public void drain() {
      channel.close();
    }

    @Override
    public void close() {
      channel.close();
    }
  }

  void drain() {
    draining = true;
    connections.forEach((channel, connection) -> channel.eventLoop().execute(connection::drain));
  }

  void close() {
    connections.forEach((channel, connection) -> channel.eventLoop().execute(connection::close));
  }
}
