package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.h1.H1ServerConfig;
import io.handfast.proxy.http.h1.H1ServerConnection;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.stats.ListenerStats;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One listening socket and the connections that came by it. Thread-safe: connections come and go on
 * their own loops.
 */
public final class ActiveListener {
  private static final int BACKLOG = 1024;

  private final ListenerConfig config;
  private final ConnectionManager http;
  private final EventLoops loops;
  private final ListenerStats stats;
  private final AtomicLong connectionIds;
  private final Map<Channel, ServerConnection> connections = new ConcurrentHashMap<>();
  private volatile boolean draining;
  private volatile @Nullable Channel socket;

  ActiveListener(
      ListenerConfig config,
      ConnectionManager http,
      EventLoops loops,
      ListenerStats stats,
      AtomicLong connectionIds) {
    this.config = config;
    this.http = http;
    this.loops = loops;
    this.stats = stats;
    this.connectionIds = connectionIds;
  }

  /** What it was configured to be. */
  public ListenerConfig config() {
    return config;
  }

  /** The address that it is bound to; null before and after. */
  public @Nullable InetSocketAddress boundAddress() {
    Channel bound = socket;
    return bound == null ? null : (InetSocketAddress) bound.localAddress();
  }

  /** How many connections it has. */
  public int connections() {
    return connections.size();
  }

  ChannelFuture bind() {
    int limit = config.perConnectionBufferLimitBytes();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.main().eventLoop(), loops.group())
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(limit / 2, limit))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accept(accepted);
                  }
                })
            .bind(config.address().host(), config.address().port());
    socket = bound.channel();
    return bound;
  }

  private void accept(Channel channel) {
    NettyDispatcher dispatcher = loops.of(channel.eventLoop());
    ConnectionInfo info =
        new ConnectionInfo(
            connectionIds.incrementAndGet(),
            channel.remoteAddress(),
            channel.localAddress(),
            config.name(),
            config.trafficDirection());
    H1ServerConnection connection =
        switch (http.config().codecType()) {
          case AUTO, HTTP1 ->
              new H1ServerConnection(
                  new H1ServerConfig(
                      http.config(), http.handler(info, dispatcher), dispatcher, http.stats()));
        };
    connections.put(channel, connection);
    stats.cxTotal.inc();
    stats.cxActive.inc();
    http.stats().cxTotal.inc();
    http.stats().cxActive.inc();
    http.stats().cxHttp1Total.inc();
    channel
        .closeFuture()
        .addListener(_ -> {
          connections.remove(channel);
          stats.cxActive.dec();
          stats.cxDestroy.inc();
          http.stats().cxActive.dec();
          http.stats().cxDestroy.inc();
        });
    channel.pipeline().addLast(connection);
    if (draining) { // accepted just before the socket closed
      connection.drain();
    }
  }

  /** Accepts no more; connections finish what is in flight and close. */
  void drain() {
    draining = true;
    stopAccepting();
    connections.forEach((channel, connection) -> channel.eventLoop().execute(connection::drain));
  }

  void stopAccepting() {
    Channel bound = socket;
    if (bound != null) {
      bound.close();
    }
  }

  /** Closes everything at once. */
  void close() {
    stopAccepting();
    connections.forEach((channel, connection) -> channel.eventLoop().execute(connection::close));
  }
}
