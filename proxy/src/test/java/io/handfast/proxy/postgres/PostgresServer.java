package io.handfast.proxy.postgres;

import io.handfast.proxy.tls.TestPki;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real PostgreSQL 18 with TLS, for all tests of a JVM: it takes seconds to start. Roles: {@code
 * postgres}, a superuser whom it trusts; {@code scram} and {@code md5}, whose passwords are their
 * names; {@code certified}, who comes with a certificate of that name; {@code crowded}, who may
 * have no connection at all.
 */
public final class PostgresServer implements AutoCloseable {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private static final String ACCESS =
      """
      local   all all trust
      hostssl all certified 127.0.0.1/32 cert
      host    all scram 127.0.0.1/32 scram-sha-256
      host    all md5 127.0.0.1/32 md5
      host    replication all 127.0.0.1/32 trust
      host    all all 127.0.0.1/32 trust
      """;

  private final EmbeddedPostgres server;
  private final TestPki pki;
  private final Path certificates;

  private PostgresServer(int prepared, Duration patience) throws IOException, SQLException {
    pki = new TestPki();
    certificates = Files.createTempDirectory("handfast-postgres");
    server =
        EmbeddedPostgres.builder()
            .setPGStartupWait(patience)
            .setDataDirectoryCustomizer(data -> configure(data, prepared))
            .start();
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE scram LOGIN PASSWORD 'scram'");
      statement.execute("SET password_encryption = md5");
      statement.execute("CREATE ROLE md5 LOGIN PASSWORD 'md5'");
      statement.execute("CREATE ROLE certified LOGIN");
      statement.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0");
    }
  }

  /** One that can prepare, shared by all who ask. */
  public static PostgresServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final PostgresServer SERVER = start(64);
  }

  /**
   * One of the caller's own.
   *
   * @param prepared {@code max_prepared_transactions}
   */
  public static PostgresServer start(int prepared) {
    try {
      return new PostgresServer(prepared, Duration.ofSeconds(90));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void configure(File data, int prepared) {
    Path directory = data.toPath();
    pki.write(
        directory,
        "server",
        pki.issue(it ->
            it.subject("CN=server")
                .addSanDnsName("localhost")
                .addSanIpAddress("127.0.0.1")
                .ecp256()));
    pki.write(certificates, "certified", pki.issue(it -> it.subject("CN=certified").ecp256()));
    pki.write(
        certificates,
        "sidecar",
        pki.issue(it -> it.subject("CN=sidecar").addSanDnsName("localhost").ecp256()));
    try {
      Files.setPosixFilePermissions(
          directory.resolve("server.key"), PosixFilePermissions.fromString("rw-------"));
      Files.writeString(directory.resolve("pg_hba.conf"), ACCESS);
      Files.writeString(
          directory.resolve("postgresql.auto.conf"),
          """
          max_prepared_transactions = %d
          max_connections = 200
          wal_level = logical
          ssl = on
          ssl_cert_file = 'server.pem'
          ssl_key_file = 'server.key'
          ssl_ca_file = 'ca.pem'
          """
              .formatted(prepared));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return server.getPort();
  }

  /** Where {@code certified}, {@code sidecar} (each {@code .pem} and {@code .key}), ca.pem are. */
  public Path certificates() {
    return certificates;
  }

  /** Creates an empty database and tells its name. */
  public String newDatabase() {
    String name = "test_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
    execute("postgres", "CREATE DATABASE " + name);
    return name;
  }

  /** As the superuser, past every sidecar. */
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres&sslmode=disable"
            .formatted(port(), database));
  }

  /** As the superuser, past every sidecar. */
  public void execute(String database, String... statements) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first column of what the superuser is answered. */
  public List<String> query(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(String.valueOf(rows.getString(1)));
      }
      return all;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is prepared in a database. */
  public List<String> prepared(String database) {
    return query(
        database,
        "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY gid");
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
