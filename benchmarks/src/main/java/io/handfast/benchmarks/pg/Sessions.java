package io.handfast.benchmarks.pg;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Connections to one database, kept. Thread-safe. */
final class Sessions {
  private final String url;
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

  Sessions(int port, String database) {
    url =
        "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres&sslmode=disable".formatted(port, database);
  }

  /** Something that is done in a database transaction, and ended by it. */
  @FunctionalInterface
  interface Block {
    void run(Connection connection) throws SQLException;
  }

  void run(Block block) throws SQLException {
    Connection connection = idle.pollFirst();
    if (connection == null) {
      connection = DriverManager.getConnection(url);
      connection.setAutoCommit(false);
    }
    try {
      block.run(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    idle.addFirst(connection);
  }

  /** A statement in a block of its own. */
  void alone(String sql) throws SQLException {
    run(connection -> {
      connection.setAutoCommit(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
      connection.setAutoCommit(false);
    });
  }

  static void update(Connection connection, int account, String comment) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE account SET balance = balance + 1 WHERE id = ?" + comment)) {
      update.setInt(1, account);
      if (update.executeUpdate() != 1) {
        throw new SQLException("no account " + account);
      }
    }
  }

  static void select(Connection connection, int account, String comment) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT balance FROM account WHERE id = ?" + comment)) {
      select.setInt(1, account);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("no account " + account);
        }
      }
    }
  }
}
