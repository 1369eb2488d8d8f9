package io.handfast.demo.town;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One PostgreSQL server with a database for each service that keeps something. */
final class Postgres implements AutoCloseable {
  /** It takes one that is free. */
  static final int ANY_PORT = 0;

  /**
   * One for each block of a branch that is prepared; no more than connections would have work for.
   */
  private static final String MAX_PREPARED = "100";

  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration RECOVERY = Duration.ofSeconds(30);

  private final EmbeddedPostgres server;
  private final Path data;

  private Postgres(EmbeddedPostgres server, Path data) {
    this.server = server;
    this.data = data;
  }

  /**
   * Leaves a server's files, with its databases, for others to begin with: making them takes
   * seconds.
   */
  static void prepare(Path binaries, List<String> databases) throws IOException, SQLException {
    Optional<Path> template = template(binaries, databases);
    if (template.isPresent() && !Files.exists(template.get())) {
      Path made = Files.createTempDirectory(Files.createDirectories(binaries), "making-");
      try {
        start(binaries, made.resolve("data"), databases).close();
        Files.move(made.resolve("data"), template.get(), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        TemporaryDirectory.delete(made);
      }
    }
  }

  /** Where the files are left: of these binaries and databases, for no others would do. */
  private static Optional<Path> template(Path binaries, List<String> databases) {
    return Stream.of("x86_64", "arm_64")
        .map(machine -> Postgres.class.getResource("/postgres-linux-" + machine + ".txz"))
        .flatMap(Stream::ofNullable)
        .map(url -> url.getPath().replaceAll("!.*", "").replaceAll(".*/", ""))
        .findFirst()
        .map(jar -> binaries.resolve("data-" + jar + "-owned-" + String.join("-", databases)));
  }

  static Postgres start(Path binaries, Path data, List<String> databases)
      throws IOException, SQLException {
    return start(binaries, data, databases, ANY_PORT);
  }

  /** As the other, at a port of the caller's choice. */
  static Postgres start(Path binaries, Path data, List<String> databases, int port)
      throws IOException, SQLException {
    return start(binaries, data, databases, "localhost", port);
  }

  /** As the other, at any port. */
  static Postgres start(Path binaries, Path data, List<String> databases, String listen)
      throws IOException, SQLException {
    return start(binaries, data, databases, listen, ANY_PORT);
  }

  /**
   * Starts a server.
   *
   * @param data where its files will be
   * @param listen the addresses at which it listens, with commas between
   * @param port or {@link #ANY_PORT}
   */
  private static Postgres start(
      Path binaries, Path data, List<String> databases, String listen, int port)
      throws IOException, SQLException {
    Optional<Path> template = template(binaries, databases).filter(Files::isDirectory);
    if (template.isPresent()) {
      TemporaryDirectory.copy(template.get(), data);
    }
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(binaries.toFile())
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            // Services lose nothing that they were told is committed. The library starts it with
            // -F.
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("listen_addresses", listen)
            .setServerConfig("max_prepared_transactions", MAX_PREPARED)
            .setPort(port)
            .start();
    if (template.isEmpty()) {
      try (Connection connection = server.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        for (String database : databases) {
          statement.execute("CREATE ROLE " + database + " LOGIN");
          statement.execute("CREATE DATABASE " + database + " OWNER " + database);
        }
      }
    }
    return new Postgres(server, data);
  }

  /**
   * SIGKILL to it and to all that it has started: nothing is written any more. Returns when they
   * are gone.
   *
   * @return the process id that it had
   */
  long kill9() throws IOException {
    long pid =
        Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    List<ProcessHandle> all = new ArrayList<>();
    ProcessHandle.of(pid)
        .ifPresent(postmaster -> {
          all.add(postmaster);
          postmaster.descendants().forEach(all::add);
        });
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
    return pid;
  }

  /** Starts it as it was started before, and returns when it has recovered. */
  void restart() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name", "").equals("root")) {
      command.addAll(List.of("unshare", "-U")); // it refuses to be root's
    }
    // The server's own note: its path, then each argument in quotes.
    for (String part : Files.readString(data.resolve("postmaster.opts")).strip().split(" \"", -1)) {
      command.add(part.endsWith("\"") ? part.substring(0, part.length() - 1) : part);
    }
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(data.resolveSibling("postgres.log").toFile()))
        .start();
    Await.until("PostgreSQL to recover", RECOVERY, this::answers);
  }

  private boolean answers() {
    try (Connection connection = server.getPostgresDatabase().getConnection()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Lets everybody in who comes from those addresses. */
  void admit(String range) throws IOException, SQLException {
    Files.writeString(
        data.resolve("pg_hba.conf"),
        "host all all " + range + " trust\n",
        StandardOpenOption.APPEND);
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_reload_conf()");
    }
  }

  int port() {
    return server.getPort();
  }

  /** As the role that owns it and has its name. */
  String jdbcUrl(String database) {
    return jdbcUrl(port(), database);
  }

  /** The same of a server that is reached elsewhere. */
  static String jdbcUrl(int port, String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s".formatted(port, database, database);
  }

  /** The names of what is prepared, in all databases. */
  List<String> prepared() throws SQLException {
    List<String> gids = new ArrayList<>();
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT gid FROM pg_prepared_xacts ORDER BY prepared")) {
      while (rows.next()) {
        gids.add(rows.getString(1));
      }
    }
    return gids;
  }

  /**
   * Stops it, and returns when it has stopped: on Ctrl-C the library's own shutdown hook may be the
   * one that does.
   */
  @Override
  public void close() throws IOException {
    server.close();
    try {
      Await.within(STOP, () -> !Files.exists(data.resolve("postmaster.pid")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
