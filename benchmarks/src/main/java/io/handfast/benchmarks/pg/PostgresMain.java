package io.handfast.benchmarks.pg;

import io.handfast.benchmarks.tx.ServiceMain;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A PostgreSQL with three databases, until it is killed: {@code PostgresMain port=15432
 * directory=/somewhere}. It forces to the disk what it says is committed.
 */
public final class PostgresMain {
  private static final int ACCOUNTS = 10_000;

  private PostgresMain() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws IOException, SQLException, InterruptedException {
    Map<String, String> options = ServiceMain.options(args);
    Path directory = Path.of(options.getOrDefault("directory", "."));
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setPort(Integer.parseInt(options.getOrDefault("port", "0")))
            .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
            .setDataDirectory(directory.resolve("data"))
            // The library starts it with -F.
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_prepared_transactions", "200")
            .start();
    try (Connection connection = server.getPostgresDatabase().getConnection()) {
      execute(
          connection, List.of("CREATE DATABASE front", "CREATE DATABASE a", "CREATE DATABASE b"));
    }
    for (String name : List.of("a", "b")) {
      try (Connection connection = server.getDatabase("postgres", name).getConnection()) {
        execute(
            connection,
            List.of(
                "CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL)",
                "INSERT INTO account SELECT n, 0 FROM generate_series(0, %d) AS n"
                    .formatted(ACCOUNTS - 1)));
      }
    }
    try (Connection connection = server.getDatabase("postgres", "front").getConnection()) {
      execute(connection, List.of("CREATE TABLE decision (id text PRIMARY KEY)"));
    }
    System.out.println("ready");
    new CountDownLatch(1).await(); // the library stops it when this process ends
  }

  private static void execute(Connection connection, List<String> statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
