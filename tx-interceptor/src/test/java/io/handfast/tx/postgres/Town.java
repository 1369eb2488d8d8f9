package io.handfast.tx.postgres;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Readiness;
import io.handfast.tx.port.Databases.Scan;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The databases of a test: what services prepare there, and what is asked of them. */
final class Town implements AutoCloseable {
  static final String NAME = "bank";
  static final Times QUICK =
      new Times(
          Duration.ofSeconds(3),
          Duration.ofSeconds(1),
          Duration.ofMillis(500),
          Duration.ofSeconds(60),
          Duration.ofSeconds(2));
  private static final long WAIT_SECONDS = 60;
  private static final AtomicInteger BLOCKS = new AtomicInteger();

  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final PostgresDatabases databases;

  Town(DatabaseConfig config) {
    this(config, Times.USUAL);
  }

  Town(DatabaseConfig config, Times times) {
    databases = new PostgresDatabases("ledger", List.of(config), registry, System::nanoTime, times);
  }

  /** One server, as its role {@code service}. */
  static DatabaseConfig config(PostgresServer server) {
    return config(List.of(new DatabaseConfig.Server("127.0.0.1", server.port())), "service", 4);
  }

  static DatabaseConfig config(List<DatabaseConfig.Server> servers, String user, int most) {
    return new DatabaseConfig(
        NAME,
        servers,
        "postgres",
        user,
        Optional.of(() -> user),
        Optional.empty(),
        most,
        DatabaseConfig.DEFAULT_SCAN_INTERVAL,
        Set.of());
  }

  /** Something prepared. */
  record Block(String name, long xid) {

    /** Without its decider. */
    String beginning() {
      return name.substring(0, name.indexOf("_j."));
    }
  }

  /** A block that has written, whose name nobody has had. */
  static Block begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO entry DEFAULT VALUES");
      try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()")) {
        row.next();
        long xid = Long.parseLong(row.getString(1));
        return new Block(
            "hf1_%032x_%016x_1_%d_j.0123456789abcdef_front-1:15014"
                .formatted(BLOCKS.incrementAndGet(), 7, xid),
            xid);
      }
    }
  }

  static Block prepare(PostgresServer server) throws SQLException {
    return prepare(server, "postgres", "service");
  }

  static Block prepare(PostgresServer server, String database, String role) throws SQLException {
    try (Connection connection = server.connect(database, role)) {
      Block block = begin(connection);
      PostgresServer.execute(connection, "PREPARE TRANSACTION '" + block.name() + "'");
      return block;
    }
  }

  Completed commit(Block block) {
    return commit(block.name(), block.xid());
  }

  Completed commit(String name, long xid) {
    return ask(reply -> databases.commit(NAME, name, xid, reply));
  }

  Completed rollback(String name, long xid) {
    return ask(reply -> databases.rollback(NAME, name, xid, reply));
  }

  Completed became(Block block, Outcome outcome) {
    return ask(reply -> databases.became(NAME, block.beginning(), block.xid(), outcome, reply));
  }

  Scan prepared() {
    return ask(reply -> databases.prepared(NAME, reply));
  }

  Readiness check() {
    return ask(reply -> databases.check(NAME, reply));
  }

  static <T> T ask(Consumer<Consumer<T>> question) {
    return begun(question).orTimeout(WAIT_SECONDS, SECONDS).join();
  }

  /** Fails where it is answered twice. */
  static <T> CompletableFuture<T> begun(Consumer<Consumer<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    question.accept(value -> {
      if (!answer.complete(value)) {
        throw new AssertionError("answered twice: " + value);
      }
    });
    return answer;
  }

  @Override
  public void close() {
    databases.close();
  }
}
