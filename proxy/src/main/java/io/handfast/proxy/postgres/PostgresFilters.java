package io.handfast.proxy.postgres;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.network.NetworkFilterFactory;
import io.handfast.proxy.tls.TlsContext;
import io.handfast.tx.interceptor.SqlInterceptor;
import java.util.function.Function;

/** Makes the filter of a filter chain. */
public final class PostgresFilters {
  private PostgresFilters() {}

  /**
   * The filter's factory.
   *
   * @param config of {@link PostgresFilterParser}
   * @param sql the engine
   * @param contexts of TLS, loaded
   */
  public static NetworkFilterFactory factory(
      PostgresFilterConfig config,
      SqlInterceptor sql,
      Function<TlsConfig, TlsContext> contexts,
      PostgresStats stats) {
    TlsContext tls = config.tls().map(contexts).orElse(null);
    SqlInterceptor counted = new CountedSql(sql, stats);
    return connection -> new PostgresFilter(config, connection, counted, tls, stats);
  }
}
