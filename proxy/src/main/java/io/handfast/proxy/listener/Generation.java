package io.handfast.proxy.listener;

import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.listener.FilterChainIndex;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.stats.ListenerStats;
import io.handfast.proxy.tls.Handshake;
import io.handfast.proxy.tls.TlsContext;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections that a listener accepted under one configuration, and the filter chains of that.
 * Thread-safe: connections come and go on their own loops.
 */
final class Generation {
  private volatile ListenerConfig config;
  private final Equipment equipment;
  private final Map<Channel, ServerConnection> connections = new ConcurrentHashMap<>();
  private final FilterChainIndex<ActiveChain> index = new FilterChainIndex<>();
  private final @Nullable ActiveChain byDefault;
  private volatile boolean draining;

  Generation(ListenerConfig config, Equipment equipment) {
    this.config = config;
    this.equipment = equipment;
    List<ActiveChain> chains = equipment.chains();
    boolean hasDefault = config.defaultFilterChain().isPresent();
    byDefault = hasDefault ? chains.getLast() : null;
    for (ActiveChain chain : hasDefault ? chains.subList(0, chains.size() - 1) : chains) {
      index.add(chain.config().match(), chain);
    }
  }

  ListenerConfig config() {
    return config;
  }

  int connections() {
    return connections.size();
  }

  /** The same, but for what it refers to. */
  void refresh(ListenerConfig now) {
    List<FilterChainConfig> configs = now.allFilterChains().toList();
    for (int i = 0; i < configs.size(); i++) {
      equipment.chains().get(i).refresh(configs.get(i));
    }
    config = now;
  }

  /** Knows of a connection until it is closed; again: of what it has become. */
  void track(Channel channel, ServerConnection connection) {
    if (connections.put(channel, connection) == null) {
      channel.closeFuture().addListener(_ -> connections.remove(channel));
    }
  }

  /** A connection that ends while it is looked at is told of, too. */
  void watch(Channel channel, Inspection inspection, NettyDispatcher loop) {
    if (!equipment.logs().isEmpty()) {
      channel
          .closeFuture()
          .addListener(_ -> {
            if (!inspection.isHandedOn()) {
              log(inspection.findings(), loop, info(inspection.findings(), 0)).end();
            }
          });
    }
  }

  private ConnectionLog log(Findings findings, NettyDispatcher loop, ConnectionInfo info) {
    return new ConnectionLog(equipment.logs(), loop, findings, info);
  }

  private ConnectionInfo info(Findings findings, long id) {
    return new ConnectionInfo(
        id,
        findings.remote(),
        findings.local(),
        config.name(),
        config.trafficDirection(),
        findings.originalDestination(),
        findings.serverName(),
        null);
  }

  /** The connection is another listener's from now on. */
  void handsOver(Channel channel) {
    connections.remove(channel);
  }

  /**
   * Takes a connection of which everything is known, on its own loop.
   *
   * @return false if no filter chain matches; it is closed then
   */
  boolean serve(
      Channel channel, NettyDispatcher loop, Findings findings, ListenerStats stats, long id) {
    ActiveChain found = index.find(findings.facts());
    ActiveChain chain = found == null ? byDefault : found;
    ConnectionInfo info = info(findings, id);
    ConnectionLog log = equipment.logs().isEmpty() ? null : log(findings, loop, info);
    if (chain == null) {
      stats.noFilterChainMatch.inc();
      if (log != null) {
        log.endWithoutChain();
      }
      channel.close();
      return false;
    }
    stats.cxTotal.inc();
    stats.cxActive.inc();
    channel
        .closeFuture()
        .addListener(_ -> {
          stats.cxActive.dec();
          stats.cxDestroy.inc();
          if (log != null) {
            log.end();
          }
        });
    NetworkConnection connection =
        new NetworkConnection(channel, info, loop, config.perConnectionBufferLimitBytes());
    TlsContext tls = chain.tls();
    if (tls == null) {
      open(chain, connection, log);
    } else {
      secure(chain, tls, connection, stats, log);
    }
    return true;
  }

  private void secure(
      ActiveChain chain,
      TlsContext context,
      NetworkConnection connection,
      ListenerStats stats,
      @Nullable ConnectionLog log) {
    track(connection.channel(), new Shaking(connection.channel()));
    Handshake.server(
        connection.channel(),
        context,
        chain.config().handshakeTimeout(),
        stats.tls,
        new Handshake.Listener() {
          @Override
          public void onSecured(TlsInfo negotiated) {
            open(chain, connection.withTls(negotiated), log);
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            if (timedOut) {
              stats.cxTransportSocketConnectTimeout.inc();
            }
            if (log != null) {
              log.failed(reason);
            }
          }
        });
  }

  /** The bytes of the connection are its filters' from now on. */
  private void open(ActiveChain chain, NetworkConnection connection, @Nullable ConnectionLog log) {
    if (log != null) {
      log.info(connection.info());
      connection.channel().pipeline().addLast(log);
    }
    ServerConnection opened = chain.filters().open(connection);
    if (opened == null || !connection.channel().isOpen()) {
      return;
    }
    track(connection.channel(), opened);
    if (draining) { // it was looked at, or the handshake was under way
      opened.drain();
    }
  }

  /** A connection on which TLS is being negotiated: it drains when that is done. */
  private record Shaking(Channel channel) implements ServerConnection {
    @Override
    public void drain() {}

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
