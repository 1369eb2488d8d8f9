package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.ListenerStats;
import io.handfast.proxy.tls.Handshake;
import io.handfast.proxy.tls.TlsContext;
import io.handfast.proxy.tls.TlsContexts;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections that a listener accepted under one configuration. Thread-safe: connections come
 * and go on their own loops.
 */
final class Generation {
  private final ListenerConfig config;
  private final Map<Channel, ServerConnection> connections = new ConcurrentHashMap<>();
  private final @Nullable TlsContext tls;
  private volatile ConnectionManager http;
  private volatile boolean draining;

  Generation(ListenerConfig config, ConnectionManager http, TlsContexts contexts) {
    this.config = config;
    this.http = http;
    this.tls = config.filterChains().getFirst().tls().map(contexts::of).orElse(null);
  }

  ListenerConfig config() {
    return config;
  }

  int connections() {
    return connections.size();
  }

  void refresh(ConnectionManager now) {
    http = now;
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
    if (tls == null) {
      open(channel, loop, info);
    } else {
      secure(channel, loop, info, tls, stats);
    }
  }

  private void secure(
      Channel channel,
      NettyDispatcher loop,
      ConnectionInfo info,
      TlsContext context,
      ListenerStats stats) {
    connections.put(channel, new Shaking(channel));
    Handshake.server(
        channel,
        context,
        config.filterChains().getFirst().handshakeTimeout(),
        stats.tls,
        new Handshake.Listener() {
          @Override
          public void onSecured(TlsInfo negotiated) {
            open(channel, loop, info.withTls(negotiated));
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            if (timedOut) {
              stats.cxTransportSocketConnectTimeout.inc();
            }
          }
        });
  }

  /** The bytes of the connection are HTTP from now on. */
  private void open(Channel channel, NettyDispatcher loop, ConnectionInfo info) {
    ConnectionManager now = http;
    HttpStats httpStats = now.stats();
    RequestHandler handler = ConnectionManager.handler(() -> http, info, loop);
    int limit = config.perConnectionBufferLimitBytes();
    HttpCodec codec = new HttpCodecs(now, handler, loop, limit).choose(info.tls());
    connections.put(channel, codec.connection());
    httpStats.cxTotal.inc();
    httpStats.cxActive.inc();
    channel
        .closeFuture()
        .addListener(_ -> {
          connections.remove(channel);
          httpStats.cxActive.dec();
          httpStats.cxDestroy.inc();
        });
    channel.pipeline().addLast(codec.handler());
    if (draining) { // the handshake was under way
      codec.connection().drain();
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
