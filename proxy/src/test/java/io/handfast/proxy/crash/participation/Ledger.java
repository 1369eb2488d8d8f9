package io.handfast.proxy.crash.participation;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What a service does to its database: ordinary transactions over pooled connections. Thread-safe.
 */
final class Ledger {
  private static final int VALIDATION_SECONDS = 5;

  private final String url;
  private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

  Ledger(String url) {
    this.url = url;
  }

  /** Something done in a transaction of the database. */
  interface Work<T> {
    T in(Connection connection) throws SQLException;
  }

  /** What happens between the last statement and COMMIT. */
  interface Gate {
    /**
     * Called when all is written.
     *
     * @return whether to commit; otherwise the connection is left as it is
     */
    boolean pass(Connection connection) throws SQLException;
  }

  /** In a transaction, which ends with COMMIT unless the work or the gate says otherwise. */
  <T> T transaction(Work<T> work, Gate gate) throws SQLException {
    Connection connection = take();
    try {
      connection.setAutoCommit(false);
      T result = work.in(connection);
      if (gate.pass(connection)) {
        connection.commit();
        idle.push(connection);
      }
      return result; // its block may stay open, on a connection that is nobody's any more
    } catch (SQLException e) {
      rollBack(connection);
      throw e;
    }
  }

  private void rollBack(Connection connection) throws SQLException {
    if (!connection.isValid(VALIDATION_SECONDS)) {
      connection.close();
      return;
    }
    connection.rollback();
    idle.push(connection);
  }

  private Connection take() throws SQLException {
    for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
      if (connection.isValid(VALIDATION_SECONDS)) {
        return connection;
      }
      connection.close();
    }
    return DriverManager.getConnection(url);
  }

  /** One booking more, and the account pays for it. */
  static void book(Connection connection, Ask ask, int account) throws SQLException {
    update(connection, "INSERT INTO bookings VALUES (?)", ask, ask.key());
    update(connection, "UPDATE accounts SET balance = balance - 1 WHERE id = " + account, ask);
  }

  static boolean reserve(Connection connection, Ask ask) throws SQLException {
    String insert = "INSERT INTO reservations VALUES (?, 'reserved') ON CONFLICT DO NOTHING";
    return update(connection, insert, ask, ask.key()) == 1;
  }

  /** Whether it stands confirmed now. */
  static boolean confirm(Connection connection, Ask ask) throws SQLException {
    String update =
        "UPDATE reservations SET state = 'confirmed' WHERE key = ? AND state <> 'cancelled'";
    return noting(connection, ask, "confirm", update(connection, update, ask, ask.key()));
  }

  /** Whether it stands cancelled now; a key that is not known is remembered. */
  static boolean cancel(Connection connection, Ask ask) throws SQLException {
    String upsert =
        """
        INSERT INTO reservations VALUES (?, 'cancelled') ON CONFLICT (key)
        DO UPDATE SET state = 'cancelled' WHERE reservations.state <> 'confirmed'\
        """;
    return noting(connection, ask, "cancel", update(connection, upsert, ask, ask.key()));
  }

  /** What nobody asks for who keeps to his decision. */
  private static boolean noting(Connection connection, Ask ask, String step, int rows)
      throws SQLException {
    if (rows == 1) {
      return true;
    }
    update(connection, "INSERT INTO reversals VALUES (?, ?)", ask, ask.key(), step);
    return false;
  }

  static long balance(Connection connection, Ask ask) throws SQLException {
    String select = "SELECT balance FROM accounts WHERE id = 1" + ask.comment();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(select)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Any statement. */
  static void execute(Connection connection, String sql, Ask ask) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql + ask.comment());
    }
  }

  private static int update(Connection connection, String sql, Ask ask, String... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql + ask.comment())) {
      for (int at = 0; at < values.length; at++) {
        statement.setString(at + 1, values[at]);
      }
      return statement.executeUpdate();
    }
  }
}
