package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.ListenerStats;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections that a listener accepted under one configuration. Thread-safe: connections come
 * and go on their own loops.
 */
final class Generation {
  private final ListenerConfig config;
  private final Map<Channel, ServerConnection> connections = new ConcurrentHashMap<>();
  private volatile ConnectionManager http;

  Generation(ListenerConfig config, ConnectionManager http) {
    this.config = config;
    this.http = http;
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
    ConnectionManager now = http;
    HttpStats httpStats = now.stats();
    RequestHandler handler = ConnectionManager.handler(() -> http, info, loop);
    HttpCodec codec = new HttpCodecs(now, handler, loop, limit).choose();
    connections.put(channel, codec.connection());
    stats.cxTotal.inc();
    stats.cxActive.inc();
    httpStats.cxTotal.inc();
    httpStats.cxActive.inc();
    channel
        .closeFuture()
        .addListener(_ -> {
          connections.remove(channel);
          stats.cxActive.dec();
          stats.cxDestroy.inc();
          httpStats.cxActive.dec();
          httpStats.cxDestroy.inc();
        });
    channel.pipeline().addLast(codec.handler());
  }

  void drain() {
    connections.forEach((channel, connection) -> channel.eventLoop().execute(connection::drain));
  }

  void close() {
    connections.forEach((channel, connection) -> channel.eventLoop().execute(connection::close));
  }
}
