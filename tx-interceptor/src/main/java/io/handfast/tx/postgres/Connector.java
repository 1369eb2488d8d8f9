package io.handfast.tx.postgres;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.util.Properties;
import java.util.stream.Collectors;

/** Opens connections to the server that takes writes. Immutable; {@link #open} blocks. */
final class Connector {
  /** What {@code pg_xact_status} of a 64-bit transaction id needs. */
  static final int MIN_SERVER_VERSION = 13;

  /**
   * A role's defaults do not apply. A {@code statement_timeout} would end the wait for a
   * synchronous standby: the commit is then reported although a failover may lose it. In front of
   * {@code pg_catalog} nothing can stand. Whether a server takes writes is asked by {@code
   * transaction_read_only}, which a role may have set for itself.
   */
  private static final String OPTIONS =
      "-c statement_timeout=0 -c lock_timeout=5s -c search_path=pg_catalog"
          + " -c default_transaction_read_only=off";

  private final DatabaseConfig config;
  private final Properties fixed;

  Connector(DatabaseConfig config, String service, Times times) {
    this.config = config;
    this.fixed = properties(config, service, times);
  }

  /** What every connection has, by pgjdbc's names. */
  static Properties properties(DatabaseConfig config, String service, Times times) {
    Properties fixed = new Properties();
    fixed.setProperty("user", config.user());
    fixed.setProperty("ApplicationName", "handfast " + service);
    fixed.setProperty("assumeMinServerVersion", Integer.toString(MIN_SERVER_VERSION));
    fixed.setProperty("options", OPTIONS);
    fixed.setProperty("targetServerType", "primary");
    // Who was a standby a moment ago may have been promoted.
    fixed.setProperty("hostRecheckSeconds", "0");
    fixed.setProperty("connectTimeout", Long.toString(times.connect().toSeconds()));
    fixed.setProperty("socketTimeout", Long.toString(times.answer().toSeconds()));
    fixed.setProperty("tcpKeepAlive", "true");
    // COMMIT PREPARED takes no parameters: one message, and nothing is kept of it on either side.
    fixed.setProperty("preferQueryMode", "simple");
    fixed.setProperty("preparedStatementCacheQueries", "0");
    fixed.setProperty("databaseMetadataCacheFields", "0");
    // The detail of an error may be a row.
    fixed.setProperty("logServerErrorDetail", "false");
    if (config.tls().isEmpty()) {
      fixed.setProperty("sslmode", "disable");
    } else {
      fixed.setProperty("sslmode", config.tls().get().verifyHost() ? "verify-full" : "require");
      fixed.setProperty("sslfactory", ScopedSocketFactory.class.getName());
    }
    return fixed;
  }

  /**
   * A connection to one of the server's databases, which commits each statement.
   *
   * @throws SQLException if none of the servers takes writes, or lets nobody in
   */
  Connection open(String database) throws SQLException {
    Properties properties = new Properties(fixed);
    if (config.password().isPresent()) {
      properties.setProperty("password", password(config.password().get()));
    }
    String url =
        config.servers().stream()
            .map(DatabaseConfig.Server::toString)
            .collect(
                Collectors.joining(
                    ",",
                    "jdbc:postgresql://",
                    "/" + URLEncoder.encode(database, StandardCharsets.UTF_8)));
    Connection opened =
        config.tls().isEmpty()
            ? DriverManager.getConnection(url, properties)
            : ScopedValue.where(ScopedSocketFactory.CURRENT, config.tls().get().sockets())
                .call(() -> DriverManager.getConnection(url, properties));
    int version = opened.getMetaData().getDatabaseMajorVersion();
    if (version < MIN_SERVER_VERSION) {
      opened.close();
      throw new SQLException(
          "PostgreSQL " + version + " (expected: " + MIN_SERVER_VERSION + " or newer)");
    }
    return opened;
  }

  private static String password(DatabaseConfig.Password password) throws SQLException {
    try {
      return password.read();
    } catch (IOException e) {
      throw new SQLInvalidAuthorizationSpecException(
          "password: " + e.getMessage(), SqlErrors.INVALID_PASSWORD, e);
    }
  }
}
