package io.handfast.proxy.server;

import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.handfast.proxy.accesslog.AccessLogWriter;
import io.handfast.proxy.accesslog.HeaderTemplate;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.extension.AwaitedFilterConfig;
import io.handfast.proxy.filter.awaited.AwaitedFilter;
import io.handfast.proxy.filter.router.RouterFilter;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.transaction.FilterConfig;
import io.handfast.proxy.transaction.TransactionFilters;
import io.handfast.tx.interceptor.TransactionInterceptor;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * Makes connection managers: filters, access logs, statistics. Immutable.
 *
 * @param interceptor empty where the configuration has no transaction manager
 */
record HttpFilters(
    ClusterManager clusters,
    Optional<TransactionInterceptor> interceptor,
    AccessLogWriter accessLogs,
    Stats stats,
    OverloadState overload,
    LongUnaryOperator draw) {

  /**
   * A connection manager on a listener.
   *
   * @throws UncheckedIOException if a file of an access log cannot be opened
   */
  ConnectionManager connectionManager(HttpConnectionManagerConfig http, ListenerConfig listener) {
    List<HttpFilterFactory> factories = new ArrayList<>();
    for (HttpFilterConfig filter : http.httpFilters()) {
      factories.add(factory(filter));
    }
    List<AccessLog> logs = AccessLogs.open(accessLogs, http.accessLogs(), listener);
    return new ConnectionManager(
        http,
        clusters::config,
        factories,
        stats.http(http.statPrefix()),
        logs,
        listener.perConnectionBufferLimitBytes(),
        HeaderTemplate::compile,
        overload,
        draw);
  }

  private HttpFilterFactory factory(HttpFilterConfig filter) {
    return switch (filter.config()) {
      case AwaitedFilterConfig awaited -> AwaitedFilter.factory(awaited);
      case Router ignored -> RouterFilter.factory(clusters, draw);
      case FilterConfig transaction ->
          TransactionFilters.factory(
              transaction,
              interceptor.orElseThrow(() ->
                  new IllegalStateException(
                      filter.name() + ": accepted without a transaction manager")));
      default ->
          throw new IllegalStateException(
              filter.name() + ": accepted, but nothing makes " + filter.typeUrl());
    };
  }
}
