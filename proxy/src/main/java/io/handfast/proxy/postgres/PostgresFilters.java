package io.handfast.proxy.postgres;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.network.NetworkFilterFactory;
import io.handfast.proxy.postgres.session.PgRules;
import io.handfast.proxy.tls.TlsContext;
import io.handfast.tx.interceptor.SqlInterceptor;
import java.util.Set;
import java.util.function.Function;

/** Makes the filter of a filter chain. Stateless; what it makes is for connections of any loop. */
public final class PostgresFilters {
  private PostgresFilters() {}

  /**
   * The filter's factory.
   *
   * @param config of {@link PostgresFilterParser}
   * @param user by which its database's prepared transactions are completed; empty: not known
   * @param roles whose are completed besides
   * @param sql the engine
   * @param contexts of TLS, loaded
   */
  public static NetworkFilterFactory factory(
      PostgresFilterConfig config,
      String user,
      Set<String> roles,
      SqlInterceptor sql,
      Function<TlsConfig, TlsContext> contexts,
      PostgresStats stats) {
    TlsContext tls = config.tls().map(contexts).orElse(null);
    SqlInterceptor counted = new CountedSql(sql, stats);
    PgRules rules = new PgRules(config.database(), config.mandatory(), user, roles);
    return connection -> new PostgresFilter(config, rules, connection, counted, tls, stats);
  }
}
