package io.handfast.benchmarks.pg;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A connection to one database for each thread that asks, kept. Thread-safe. */
final class Sessions {
  private final String url;
  private final ThreadLocal<@Nullable Connection> mine = new ThreadLocal<>();

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
    Connection connection = mine.get();
    if (connection == null) {
      connection = DriverManager.getConnection(url);
      connection.setAutoCommit(false);
      mine.set(connection);
    }
    try {
      block.run(connection);
    } catch (SQLException e) {
      mine.remove();
      connection.close();
      throw e;
    }
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
