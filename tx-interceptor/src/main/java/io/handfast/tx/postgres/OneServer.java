package io.handfast.tx.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Connections to one server and its standbys: the first that is opened says which, by the {@code
 * system_identifier} that initdb has given it and physical standbys have, too. Another server knows
 * nothing of what is prepared there, and what its {@code pg_xact_status} says is of a stranger's
 * transaction. A server that does not tell is taken as the same. Thread-safe; {@link #open} blocks.
 */
final class OneServer implements Pool.Opening {
  private static final String WHO = "SELECT system_identifier FROM pg_control_system()";

  private final DatabaseConfig config;
  private final Pool.Opening opening;

  /** Empty until one has told. */
  private final AtomicReference<String> identifier = new AtomicReference<>("");

  OneServer(DatabaseConfig config, Pool.Opening opening) {
    this.config = config;
    this.opening = opening;
  }

  /** Of the server; empty while it is not known. */
  String identifier() {
    return identifier.get();
  }

  /**
   * A connection to the same server as all before.
   *
   * @throws SQLException if none is opened, or only one to another
   */
  @Override
  public Connection open(String database) throws SQLException {
    Connection connection = opening.open(database);
    boolean same = false;
    try {
      String found = ask(connection);
      if (!found.isEmpty()
          && !identifier.compareAndSet("", found)
          && !identifier.get().equals(found)) {
        throw new SQLException(
            "%s are now another server, with the system identifier %s (expected: %s, where blocks were prepared; if it was replaced on purpose, restart this sidecar)"
                .formatted(config.servers(), found, identifier.get()));
      }
      same = true;
      return connection;
    } finally {
      if (!same) {
        connection.close();
      }
    }
  }

  private static String ask(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(WHO)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    } catch (SQLException e) {
      if (SqlErrors.connectionIsLost(e)) {
        throw e;
      }
      return ""; // it lets nobody ask
    }
  }
}
