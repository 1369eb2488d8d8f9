package io.handfast.proxy.postgres.session;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A PostgreSQL server, and a {@link SessionRelay} to it in whose branches blocks are prepared.
 * Thread-safe.
 */
final class RelayedPostgres implements AutoCloseable {
  final SessionRelay relay;
  private final EmbeddedPostgres postgres;
  private final Connection direct;

  private RelayedPostgres(EmbeddedPostgres postgres) throws IOException, SQLException {
    this.postgres = postgres;
    this.direct = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
    this.relay = new SessionRelay(postgres.getPort());
  }

  static RelayedPostgres start() throws IOException, SQLException {
    return new RelayedPostgres(
        EmbeddedPostgres.builder()
            .setServerConfig("max_prepared_transactions", "50")
            .setServerConfig("fsync", "off")
            .start());
  }

  /** Of the server itself. */
  int port() {
    return postgres.getPort();
  }

  /** Runs statements at the server itself. */
  synchronized void execute(String... statements) throws SQLException {
    try (Statement statement = direct.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  /** What the server itself answers with one number. */
  synchronized long number(String query) throws SQLException {
    try (Statement statement = direct.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Commits what was prepared, as the mesh would. */
  int commitPrepared() throws SQLException {
    int count = 0;
    for (String gid = relay.prepared.poll(); gid != null; gid = relay.prepared.poll()) {
      execute("COMMIT PREPARED '" + gid + "'");
      count++;
    }
    return count;
  }

  @Override
  public void close() throws IOException, SQLException {
    relay.close();
    direct.close();
    postgres.close();
  }
}
