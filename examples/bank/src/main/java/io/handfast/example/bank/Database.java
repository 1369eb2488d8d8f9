package io.handfast.example.bank;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A pool of connections to one PostgreSQL database. Thread-safe. */
public final class Database implements AutoCloseable {

  /**
   * Work inside one database transaction: committed when it returns, rolled back when it throws.
   */
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Reads the row that the result stands on. */
  public interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Held, for a logger that nobody holds forgets its level. */
  private static final Logger POOL_LOG = Logger.getLogger("com.zaxxer.hikari");

  private final HikariDataSource pool;

  private Database(HikariDataSource pool) {
    this.pool = pool;
  }

  /** Connects, and creates what is missing of the schema; throws when the database is not there. */
  public static Database open(String jdbcUrl, String schema) throws SQLException {
    Database database = open(jdbcUrl);
    database.inTransaction(connection -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute(schema);
      }
    });
    return database;
  }

  /** Connects; waits for a database that comes up a little later. */
  public static Database open(String jdbcUrl) {
    POOL_LOG.setLevel(Level.WARNING);
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbcUrl);
    config.setAutoCommit(false);
    config.setMaximumPoolSize(16);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(5_000);
    config.setInitializationFailTimeout(20_000);
    return new Database(new HikariDataSource(config));
  }

  public <T> T inTransaction(Work<T> work) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      try {
        T result = work.run(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    }
  }

  /** As {@link #inTransaction}, of one statement. */
  public int update(String sql, @Nullable Object... values) throws SQLException {
    return inTransaction(connection -> update(connection, sql, values));
  }

  private static void rollBack(Connection connection, Exception why) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }

  /** Runs an INSERT, UPDATE or DELETE and tells how many rows it touched. */
  public static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, values)) {
      return statement.executeUpdate();
    }
  }

  public static <T> List<T> query(
      Connection connection, Row<T> row, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, values);
        ResultSet result = statement.executeQuery()) {
      List<T> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(row.read(result));
      }
      return rows;
    }
  }

  public static <T> Optional<T> first(
      Connection connection, Row<T> row, String sql, @Nullable Object... values)
      throws SQLException {
    return query(connection, row, sql, values).stream().findFirst();
  }

  private static PreparedStatement prepare(
      Connection connection, String sql, @Nullable Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }
}
