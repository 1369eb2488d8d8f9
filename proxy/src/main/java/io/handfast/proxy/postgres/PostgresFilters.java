package io.handfast.proxy.postgres;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.network.NetworkFilterFactory;
import io.handfast.proxy.postgres.session.PgRules;
import io.handfast.proxy.tls.TlsContext;
import io.handfast.proxy.transaction.manager.DatabaseSettings;
import io.handfast.tx.interceptor.SqlInterceptor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Makes the filter of a filter chain. */
public final class PostgresFilters {
  private PostgresFilters() {}

  /**
   * The filter's factory.
   *
   * @param config of {@link PostgresFilterParser}
   * @param database which it names, of the transaction manager's; empty: not known
   * @param sql the engine
   * @param contexts of TLS, loaded
   */
  public static NetworkFilterFactory factory(
      PostgresFilterConfig config,
      Optional<DatabaseSettings> database,
      SqlInterceptor sql,
      Function<TlsConfig, TlsContext> contexts,
      PostgresStats stats) {
    TlsContext tls = config.tls().map(contexts).orElse(null);
    SqlInterceptor counted = new CountedSql(sql, stats);
    PgRules rules =
        new PgRules(
            config.database(),
            config.mandatory(),
            database.map(DatabaseSettings::user).orElse(""),
            Set.copyOf(database.map(DatabaseSettings::roles).orElse(List.of())));
    return connection -> new PostgresFilter(config, rules, connection, counted, tls, stats);
  }
}
