package io.handfast.proxy.server;

import io.handfast.proxy.cluster.connect.SocketConnector;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.connection.HttpTerminal;
import io.handfast.proxy.listener.FilterChainFactory;
import io.handfast.proxy.network.NetworkFilterChain;
import io.handfast.proxy.network.NetworkFilterFactory;
import io.handfast.proxy.network.TerminalFilterFactory;
import io.handfast.proxy.tcp.Splicing;
import io.handfast.proxy.tcp.TcpProxyConfig;
import io.handfast.proxy.tcp.TcpProxyFactory;
import java.util.List;

/**
 * Makes what runs on the connections of a filter chain. Immutable.
 *
 * @param http makes connection managers
 * @param tunnels opens connections to endpoints on which each direction ends for itself
 * @param splicing of all connections of TCP
 */
record NetworkFilters(HttpFilters http, SocketConnector tunnels, Splicing splicing)
    implements FilterChainFactory {

  @Override
  public NetworkFilterChain create(ListenerConfig listener, FilterChainConfig chain) {
    List<NetworkFilterConfig> all = chain.filters();
    return new NetworkFilterChain(
        all.subList(0, all.size() - 1).stream().map(NetworkFilters::filter).toList(),
        terminal(all.getLast(), listener));
  }

  @Override
  public List<AccessLog> accessLogs(ListenerConfig listener) {
    return AccessLogs.open(http.accessLogs(), listener.accessLogs(), listener);
  }

  private static NetworkFilterFactory filter(NetworkFilterConfig config) {
    throw new IllegalStateException("accepted, but nothing makes " + config.getClass().getName());
  }

  private TerminalFilterFactory terminal(NetworkFilterConfig config, ListenerConfig listener) {
    return switch (config) {
      case HttpConnectionManagerConfig manager ->
          new HttpTerminal(now -> http.connectionManager(now, listener), manager);
      case TcpProxyConfig tcp ->
          new TcpProxyFactory(
              tcp,
              http.clusters(),
              tunnels,
              http.stats().tcp(tcp.statPrefix()),
              AccessLogs.open(http.accessLogs(), tcp.accessLogs(), listener),
              splicing,
              http.draw());
      default ->
          throw new IllegalStateException(
              "accepted, but nothing makes " + config.getClass().getName());
    };
  }
}
