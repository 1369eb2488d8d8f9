package io.handfast.proxy.server;

import io.handfast.proxy.cluster.connect.SocketConnector;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.connection.HttpTerminal;
import io.handfast.proxy.listener.FilterChainFactory;
import io.handfast.proxy.network.NetworkFilterChain;
import io.handfast.proxy.network.NetworkFilterFactory;
import io.handfast.proxy.network.TerminalFilterFactory;
import io.handfast.proxy.postgres.PostgresFilterConfig;
import io.handfast.proxy.postgres.PostgresFilters;
import io.handfast.proxy.postgres.PostgresStats;
import io.handfast.proxy.tcp.Splicing;
import io.handfast.proxy.tcp.TcpProxyConfig;
import io.handfast.proxy.tcp.TcpProxyFactory;
import io.handfast.proxy.tls.TlsContext;
import io.handfast.proxy.transaction.manager.DatabaseSettings;
import io.handfast.tx.interceptor.SqlInterceptor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes what runs on the connections of a filter chain. Immutable.
 *
 * @param http makes connection managers
 * @param tunnels opens connections to endpoints on which each direction ends for itself
 * @param splicing of all connections of TCP
 * @param sql empty where the configuration has no transaction manager
 * @param databases of the transaction manager
 * @param tls contexts of connections on which each direction ends for itself, loaded
 */
record NetworkFilters(
    HttpFilters http,
    SocketConnector tunnels,
    Splicing splicing,
    Optional<SqlInterceptor> sql,
    List<DatabaseSettings> databases,
    Function<TlsConfig, TlsContext> tls)
    implements FilterChainFactory {

  @Override
  public NetworkFilterChain create(ListenerConfig listener, FilterChainConfig chain) {
    List<NetworkFilterConfig> all = chain.filters();
    return new NetworkFilterChain(
        all.subList(0, all.size() - 1).stream().map(this::filter).toList(),
        terminal(all.getLast(), listener));
  }

  @Override
  public List<AccessLog> accessLogs(ListenerConfig listener) {
    return AccessLogs.open(http.accessLogs(), listener.accessLogs(), listener);
  }

  private NetworkFilterFactory filter(NetworkFilterConfig config) {
    return switch (config) {
      case PostgresFilterConfig postgres -> {
        Optional<DatabaseSettings> database =
            databases.stream().filter(it -> it.name().equals(postgres.database())).findAny();
        yield PostgresFilters.factory(
            postgres,
            database.map(DatabaseSettings::user).orElse(""),
            database.map(it -> Set.copyOf(it.roles())).orElse(Set.of()),
            sql.orElseThrow(() ->
                new IllegalStateException(
                    PostgresFilterConfig.NAME + ": accepted without a transaction manager")),
            tls,
            new PostgresStats(http.stats(), postgres.statPrefix()));
      }
      default ->
          throw new IllegalStateException(
              "accepted, but nothing makes " + config.getClass().getName());
    };
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
