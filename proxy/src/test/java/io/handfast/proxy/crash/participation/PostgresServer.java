package io.handfast.proxy.crash.participation;

import io.handfast.proxy.crash.FreePorts;
import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of its own, with a database for each place, that can crash and come back with what
 * it had made durable. Its files are copied from one that was made once. Confined to the test's
 * thread, but for {@link #crash}.
 */
final class PostgresServer implements AutoCloseable {
  /** The role of services and sidecars: no superuser. */
  static final String ROLE = "app";

  /** Its password, where one is asked for. */
  static final String PASSWORD = "right";

  /** Another role, which may not complete what the first one has prepared. */
  static final String STRANGER = "stranger";

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String SUPERUSER = "postgres";

  private final Path data;
  private final Path log;
  private final int port;
  private final List<String> settings;
  private volatile @Nullable Process postmaster;

  private PostgresServer(Path home, int port, List<String> settings) {
    this.data = home.resolve("data");
    this.log = home.resolve("log");
    this.port = port;
    this.settings = List.copyOf(settings);
  }

  /**
   * Starts one.
   *
   * @param settings of its own, as {@code name=value}
   */
  static PostgresServer start(Path home, String... settings)
      throws IOException, InterruptedException {
    Path template = Template.files();
    Files.createDirectories(home);
    PostgresServer server = new PostgresServer(home, FreePorts.next(), List.of(settings));
    run(List.of("cp", "-a", template.toString(), server.data.toString()));
    server.start();
    return server;
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(command + ": exit " + process.exitValue());
    }
  }

  /** Starts it, unless it runs; returns when it has recovered. */
  void start() throws IOException {
    Process running = postmaster;
    if (running != null && running.isAlive()) {
      return;
    }
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name", "").equals("root")) {
      command.addAll(List.of("unshare", "-U")); // it refuses to be root's
    }
    command.addAll(
        List.of(Template.binary().toString(), "-D", data.toString(), "-p", String.valueOf(port)));
    Stream.concat(
            Stream.of(
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_prepared_transactions=100",
                "max_connections=60",
                "shared_buffers=16MB",
                // The process dies here, the machine does not.
                "fsync=off"),
            settings.stream())
        .forEach(setting -> command.addAll(List.of("-c", setting)));
    postmaster =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Awaitility.await("PostgreSQL takes connections, see " + log)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(this::answers);
  }

  private boolean answers() {
    try (Connection connection = connect(SUPERUSER)) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  /** A standby of this one, which is stopped for a moment: begins with what it has now. */
  PostgresServer standby(Path home) throws IOException, InterruptedException {
    end("-INT");
    Files.createDirectories(home);
    PostgresServer standby =
        new PostgresServer(
            home,
            FreePorts.next(),
            List.of("primary_conninfo=host=127.0.0.1 port=%d user=%s".formatted(port, SUPERUSER)));
    run(List.of("cp", "-a", data.toString(), standby.data.toString()));
    Files.writeString(standby.data.resolve("standby.signal"), "");
    start();
    standby.start();
    return standby;
  }

  /** A standby takes writes from now on. */
  void promote() throws SQLException {
    try (Connection connection = connect(SUPERUSER);
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_promote()");
    }
  }

  /** Ends it as an immediate shutdown does: nothing is written any more. Any thread. */
  void crash() {
    end("-QUIT");
  }

  private void end(String signal) {
    Process victim = postmaster;
    if (victim == null) {
      throw new IllegalStateException("PostgreSQL has not been started");
    }
    try {
      run(List.of("kill", signal, String.valueOf(victim.pid())));
      if (!victim.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("PostgreSQL lives on");
      }
    } catch (IOException e) {
      throw new AssertionError("PostgreSQL cannot be stopped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  int port() {
    return port;
  }

  /** A connection of the superuser's to a place's database. */
  Connection connect(Place place) throws SQLException {
    return connect(place.title());
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, SUPERUSER, "");
  }

  @Override
  public void close() {
    Process running = postmaster;
    if (running != null && running.isAlive()) {
      crash();
    }
  }

  /** The files of a server that has run once, with databases and tables. Once per build. */
  private static final class Template {
    private static final Path HOME =
        Path.of(System.getProperty("basedir", ""), "target", "postgres").toAbsolutePath();

    private static final String TABLES =
        """
        SET ROLE app;
        CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
        INSERT INTO accounts VALUES (1, 500000), (2, 500000);
        CREATE TABLE bookings (key text NOT NULL);
        CREATE TABLE reservations (key text PRIMARY KEY, state text NOT NULL);
        CREATE TABLE reversals (key text NOT NULL, step text NOT NULL);
        """;

    /** The library unpacks once per resolver and JVM, wherever that was asked for. */
    private record OwnResolver() implements PgBinaryResolver {
      @Override
      public InputStream getPgBinary(String system, String machine) throws IOException {
        return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine);
      }
    }

    private Template() {}

    static synchronized Path files() throws IOException {
      Path made =
          HOME.resolve(
              "template-" + Integer.toHexString((TABLES + STRANGER + PASSWORD).hashCode()));
      if (!Files.exists(made) || !isUnpacked()) {
        Path making = Files.createTempDirectory(Files.createDirectories(HOME), "making-");
        try (EmbeddedPostgres server =
            EmbeddedPostgres.builder()
                .setPgBinaryResolver(new OwnResolver())
                .setOverrideWorkingDirectory(HOME.toFile())
                .setDataDirectory(making.resolve("data"))
                .setCleanDataDirectory(false)
                .start()) {
          lay(server);
        } catch (SQLException e) {
          throw new IOException("the template cannot be made", e);
        }
        if (!Files.exists(made)) {
          Files.move(making.resolve("data"), made, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return made;
    }

    private static void lay(EmbeddedPostgres server) throws SQLException {
      try (Connection connection = server.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD + "'");
        statement.execute("CREATE ROLE " + STRANGER + " LOGIN");
        for (Place place : Place.values()) {
          statement.execute("CREATE DATABASE " + place.title() + " OWNER " + ROLE);
        }
      }
      for (Place place : Place.values()) {
        try (Connection connection = server.getDatabase(SUPERUSER, place.title()).getConnection();
            Statement statement = connection.createStatement()) {
          statement.execute(TABLES);
        }
      }
    }

    /** Where the library has unpacked it. */
    static Path binary() throws IOException {
      try (Stream<Path> files = Files.find(HOME, 3, (file, any) -> isServer(file))) {
        return files.findFirst().orElseThrow(() -> new IOException(HOME + ": no PostgreSQL"));
      }
    }

    private static boolean isUnpacked() throws IOException {
      try (Stream<Path> files = Files.find(HOME, 3, (file, any) -> isServer(file))) {
        return files.findFirst().isPresent();
      }
    }

    private static boolean isServer(Path file) {
      return file.endsWith("bin" + File.separator + "postgres");
    }
  }
}
