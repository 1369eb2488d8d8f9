package io.handfast.proxy.postgres.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * PostgreSQL's clients of other languages through a session to a real server: psycopg 3 and 2,
 * Django, Node's pg, psql, pgbench. Each block that wrote is prepared and committed afterwards, and
 * the client notices nothing. The script {@code proofs/sql-clients/setup} fetches them; what is not
 * on the machine is left out with a sentence.
 */
@Tag("full")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SqlClientsIT {
  private static final Path SCRIPTS = Path.of("proofs", "sql-clients").toAbsolutePath();
  private static final Path CLIENTS = Path.of("target", "sql-clients").toAbsolutePath();
  private static final String PYTHON = CLIENTS.resolve("venv/bin/python").toString();
  private static final int LIMIT_SECONDS = 60;

  private static final String IDS = "0199a3c1b2d47e7e8c1db7ad6b716920-b7ad6b7169203331";

  /** As an agent writes it for a trace that is not sampled. */
  private static final String COMMENT =
      "/*traceparent='00-0af7651916cd43dd8448eb211c80319c-332482561c62c98f-00',tracestate='hf%3D"
          + IDS
          + "%2Cvendor%3Dabc'*/";

  /** Where a percent sign means a parameter unless it is written twice. */
  private static final String DOUBLED = COMMENT.replace("%", "%%");

  private RelayedPostgres postgres;
  private Thread mesh;
  private volatile boolean over;

  @BeforeAll
  void start() throws Exception {
    run(List.of(SCRIPTS.resolve("setup").toString()));
    postgres = RelayedPostgres.start();
    postgres.execute(
        "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL)",
        "INSERT INTO accounts VALUES (1, 0)",
        "CREATE TABLE bookings (key text NOT NULL)");
    mesh = Thread.ofPlatform().daemon().start(this::complete);
  }

  @AfterAll
  void stop() throws Exception {
    over = true;
    mesh.join();
    postgres.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    postgres.execute("UPDATE accounts SET balance = 0", "TRUNCATE bookings");
    postgres.relay.blocks.clear();
  }

  /** Commits what was prepared, as the mesh would. */
  private void complete() {
    try {
      while (!over) {
        await().forever().until(() -> over || !postgres.relay.prepared.isEmpty());
        postgres.commitPrepared();
      }
    } catch (SQLException e) {
      throw new AssertionError("what was prepared cannot be committed", e);
    }
  }

  /** Once all is completed. */
  private void holds(long balance, long bookings, int prepared) throws SQLException {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> postgres.number("SELECT count(*) FROM pg_prepared_xacts") == 0);
    assertThat(postgres.number("SELECT balance FROM accounts")).isEqualTo(balance);
    assertThat(postgres.number("SELECT count(*) FROM bookings")).isEqualTo(bookings);
    assertThat(postgres.relay.blocks).filteredOn("prepared"::equals).hasSize(prepared);
    assertThat(postgres.relay.blocks)
        .noneMatch(what -> what.startsWith("failed") || what.equals("lost"));
  }

  private void serves(String... command) throws IOException, InterruptedException {
    assumeThere(command[0]);
    assertThat(run(List.of(command))).endsWith("ok\n");
  }

  private static void assumeThere(String program) {
    boolean there =
        program.startsWith("/")
            ? Files.isExecutable(Path.of(program))
            : Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    if (!there) {
      System.err.println("SqlClientsIT: " + program + " is not on this machine: left out");
    }
    assumeTrue(there, program + ": not on this machine");
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Path log = Files.createTempFile("handfast-client", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(SCRIPTS.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    String output = Files.readString(log);
    Files.delete(log);
    if (!ended || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(
          String.join(" ", command) + (ended ? ":\n" : ", without end:\n") + output);
    }
    return output;
  }

  private String port() {
    return String.valueOf(postgres.relay.port());
  }

  @ParameterizedTest
  @CsvSource({
    "blocks, 8, 0, 8",
    "rollback, 1, 0, 1",
    "pipeline, 8, 8, 8",
    "autocommit, 8, 0, 8",
  })
  void shouldServePsycopg3(String what, long balance, long bookings, int prepared)
      throws Exception {
    serves(PYTHON, "psycopg_3.py", port(), DOUBLED, what);
    holds(balance, bookings, prepared);
  }

  @Test
  void T4_shouldReadHandfastTxWhenPsycopg3SetsItByAParameterOrInTheText() throws Exception {
    serves(PYTHON, "psycopg_3.py", port(), IDS, "set_local");
    holds(2, 0, 2);
  }

  /** {@code %%3D}, and a value that looks like a comment. */
  @Test
  void T4_shouldReadCommentsOfPsycopg2HoweverPercentSignsCome() throws Exception {
    serves(PYTHON, "psycopg_2.py", port(), COMMENT);
    holds(2, 1, 3);
  }

  @Test
  void shouldServeDjangoWithCommentsOnSavepoints() throws Exception {
    serves(PYTHON, "django_orm.py", port(), COMMENT);
    holds(2, 0, 1);
  }

  /** Comments on BEGIN and COMMIT, none on statements of a name. */
  @Test
  void T4_shouldLeaveNamedStatementsOfNodeToTheirBlock() throws Exception {
    serves("node", "node_pg.js", port(), COMMENT, CLIENTS.toString());
    holds(4, 3, 4);
  }

  @Test
  void shouldServePsqlWithManyStatementsInAMessageAndWithCopy() throws Exception {
    assumeThere("psql");
    String blocks =
        "BEGIN; UPDATE accounts SET balance = balance + 1 WHERE id = 1; COMMIT;"
            + " UPDATE accounts SET balance = balance + 1 WHERE id = 1 "
            + COMMENT;
    for (List<String> what : List.of(List.of("-f", "psql.sql"), List.of("-c", blocks))) {
      List<String> command =
          new ArrayList<>(List.of("psql", "-h", "127.0.0.1", "-p", port(), "-U", "postgres"));
      command.addAll(List.of("-d", "postgres", "-X", "-q", "-v", "ON_ERROR_STOP=1"));
      command.addAll(what);
      run(command);
    }
    holds(4, 1, 4);
  }

  /** Flags 03, as those write them who make a trace. */
  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "prepared"})
  void shouldServePgbenchInAllItsModes(String mode) throws Exception {
    assumeThere("pgbench");
    List<String> command =
        new ArrayList<>(
            List.of("pgbench", "-h", "127.0.0.1", "-p", port(), "-U", "postgres", "-n", "-c", "3"));
    command.addAll(List.of("-t", "5", "-M", mode, "-f", "pgbench.sql", "postgres"));
    assertThat(run(command)).contains("actually processed: 15/15");
    holds(0, 15, 15);
  }
}
