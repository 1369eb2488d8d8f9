package io.handfast.tx.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL that can be stopped and started again with what it holds. */
final class PostgresServer implements AutoCloseable {
  private final Path data;
  private int port;
  private @Nullable EmbeddedPostgres running;

  private PostgresServer(Path data) {
    this.data = data;
  }

  /** A new one, which can prepare. */
  static PostgresServer start(Path data) throws IOException {
    PostgresServer server = new PostgresServer(data);
    server.start();
    return server;
  }

  void start() throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setServerConfig("synchronous_commit", "on")
            .setPGStartupWait(Duration.ofSeconds(60));
    if (port != 0) {
      builder.setPort(port);
    } else {
      builder.setDataDirectoryCustomizer(PostgresServer::configure);
    }
    EmbeddedPostgres started = builder.start();
    running = started;
    port = started.getPort();
  }

  private static void configure(File data) {
    try {
      Files.writeString(
          data.toPath().resolve("postgresql.auto.conf"),
          """
          max_prepared_transactions = '200'
          wal_level = 'replica'
          hot_standby = 'on'
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends as a server does that is told to. */
  void stop() throws IOException {
    if (running != null) {
      running.close();
      running = null;
    }
  }

  int port() {
    return port;
  }

  Path data() {
    return data;
  }

  /** A standby of this one, which is stopped for a moment. */
  PostgresServer standby(Path copy) throws IOException {
    stop();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path to = copy.resolve(data.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
          Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(file));
        } else {
          Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    start();
    Files.writeString(copy.resolve("standby.signal"), "");
    Files.writeString(
        copy.resolve("postgresql.auto.conf"),
        Files.readString(copy.resolve("postgresql.auto.conf"))
            + "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'\n".formatted(port));
    PostgresServer standby = new PostgresServer(copy);
    standby.port = freePort();
    standby.start();
    return standby;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  Connection connect(String database, String user) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&password=%s"
            .formatted(port, database, user, user));
  }

  /** As superuser, in the first database. */
  void execute(String... statements) throws SQLException {
    try (Connection connection = connect("postgres", "postgres")) {
      execute(connection, statements);
    }
  }

  static void execute(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** First column of what a superuser is answered. */
  List<String> query(String sql) throws SQLException {
    return query("postgres", sql);
  }

  List<String> query(String database, String sql) throws SQLException {
    try (Connection connection = connect(database, "postgres");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(String.valueOf(rows.getString(1)));
      }
      return all;
    }
  }

  @Override
  public void close() throws IOException {
    stop();
  }
}
