package io.handfast.tx.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Completed.Contradicted;
import io.handfast.tx.port.Databases.Completed.Done;
import io.handfast.tx.port.Databases.Completed.Failed;
import io.handfast.tx.postgres.Town.Block;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of what was prepared, on a real server. */
final class CompletionTest {
  private static final String SIDECARS = "application_name = 'handfast ledger'";
  @TempDir private static Path directory;
  private static PostgresServer server;
  private Town town;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start(directory.resolve("data"));
    server.execute(
        "CREATE ROLE service LOGIN",
        "CREATE ROLE other LOGIN",
        "CREATE DATABASE second OWNER service",
        "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY)",
        "GRANT ALL ON entry TO service, other");
    try (Connection second = server.connect("second", "service")) {
      PostgresServer.execute(second, "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY)");
    }
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() throws SQLException {
    town = new Town(Town.config(server));
    server.execute("TRUNCATE entry");
  }

  @AfterEach
  void close() throws SQLException {
    town.close();
    assertThat(server.query("SELECT gid FROM pg_prepared_xacts")).isEmpty();
  }

  private static int entries() throws SQLException {
    return server.query("SELECT id FROM entry").size();
  }

  @Test
  void shouldCommitWhenTheWholeNameIsKnown() throws Exception {
    // Given
    Block block = Town.prepare(server);

    // When
    Completed completed = town.commit(block);

    // Then
    assertThat(completed).isEqualTo(new Done());
    assertThat(entries()).isEqualTo(1);
    assertThat(
            town.registry
                .get("handfast.database.completion")
                .tags("database", "bank", "outcome", "commit", "result", "done")
                .timer()
                .count())
        .isEqualTo(1);
  }

  @Test
  void shouldRollBackWhenTheWholeNameIsKnown() throws Exception {
    // Given
    Block block = Town.prepare(server);

    // When, Then
    assertThat(town.rollback(block.name(), block.xid())).isEqualTo(new Done());
    assertThat(entries()).isZero();
  }

  @Test
  void shouldCompleteWhenOnlyTheBeginningOfTheNameIsKnown() throws Exception {
    // Given
    Block committed = Town.prepare(server);
    Block aborted = Town.prepare(server);

    // When, Then
    assertThat(town.commit(committed.beginning(), committed.xid())).isEqualTo(new Done());
    assertThat(town.rollback(aborted.beginning(), aborted.xid())).isEqualTo(new Done());
    assertThat(entries()).isEqualTo(1);
  }

  @Test
  void shouldTouchNothingWhenTheBeginningIsOfSeveral() throws Exception {
    // Given
    Block one = Town.prepare(server);
    String other = one.name().replace("front-1", "front-2");
    try (Connection connection = server.connect("postgres", "service")) {
      Town.begin(connection);
      PostgresServer.execute(connection, "PREPARE TRANSACTION '" + other + "'");
    }

    // When
    Completed completed = town.commit(one.beginning(), one.xid());

    // Then
    assertThat(completed).isInstanceOf(Failed.class);
    assertThat(server.query("SELECT gid FROM pg_prepared_xacts")).hasSize(2);
    server.execute("ROLLBACK PREPARED '" + one.name() + "'", "ROLLBACK PREPARED '" + other + "'");
  }

  @Test
  void shouldCompleteWhatWasPreparedInAnotherDatabaseOfTheServer() throws Exception {
    // Given
    List<Block> blocks =
        List.of(
            Town.prepare(server, "second", "service"),
            Town.prepare(server, "second", "service"),
            Town.prepare(server));

    // When, Then
    assertThat(blocks).allSatisfy(block -> assertThat(town.commit(block)).isEqualTo(new Done()));
    assertThat(server.query("second", "SELECT id FROM entry")).hasSize(2);
    assertThat(entries()).isEqualTo(1);
  }

  @Test
  void shouldBeDoneWhenItWasDoneBefore() throws Exception {
    // Given
    Block committed = Town.prepare(server);
    Block aborted = Town.prepare(server);
    server.execute(
        "COMMIT PREPARED '" + committed.name() + "'", "ROLLBACK PREPARED '" + aborted.name() + "'");

    // When, Then
    assertThat(town.commit(committed)).isEqualTo(new Done());
    assertThat(town.rollback(aborted.name(), aborted.xid())).isEqualTo(new Done());
    assertThat(town.commit(committed.beginning(), committed.xid())).isEqualTo(new Done());
  }

  @Test
  void shouldContradictWhenTheOtherWasDone() throws Exception {
    // Given
    Block committed = Town.prepare(server);
    Block aborted = Town.prepare(server);
    server.execute(
        "COMMIT PREPARED '" + committed.name() + "'", "ROLLBACK PREPARED '" + aborted.name() + "'");

    // When, Then
    assertThat(town.rollback(committed.name(), committed.xid()))
        .isEqualTo(
            new Contradicted(
                "ROLLBACK: nothing is prepared, and transaction %d was committed"
                    .formatted(committed.xid())));
    assertThat(town.commit(aborted))
        .isEqualTo(
            new Contradicted(
                "COMMIT: nothing is prepared, and transaction %d was aborted"
                    .formatted(aborted.xid())));
  }

  @Test
  void shouldSayWhatBecameOfItAndEndNothingWhileItIsPrepared() throws Exception {
    // Given
    Block block = Town.prepare(server);

    // When, Then
    assertThat(town.became(block, Outcome.ABORT))
        .isEqualTo(new Failed("'" + block.name() + "' is prepared"));
    assertThat(server.query("SELECT gid FROM pg_prepared_xacts")).containsExactly(block.name());
    assertThat(town.commit(block)).isEqualTo(new Done());
    assertThat(town.became(block, Outcome.COMMIT)).isEqualTo(new Done());
    assertThat(town.became(block, Outcome.ABORT)).isInstanceOf(Contradicted.class);
  }

  @Test
  void shouldContradictWhenTheServerDoesNotKnowTheTransaction() throws Exception {
    // Given
    String name = Town.prepare(server).name();
    server.execute("ROLLBACK PREPARED '" + name + "'");

    // When, Then
    assertThat(town.commit(name, 3))
        .isEqualTo(
            new Contradicted(
                "COMMIT: nothing is prepared, and of transaction 3 the server says: too old to be"
                    + " known"));
    assertThat(town.rollback(name, (1L << 40) + 1000))
        .isInstanceOfSatisfying(
            Contradicted.class, it -> assertThat(it.reason()).contains("is in the future"));
    assertThat(town.commit(name, 0)).isInstanceOf(Contradicted.class);
  }

  @Test
  void shouldBeDoneWhenThereIsNothingToRollBackAndItsIdIsNotKnown() throws Exception {
    // Given
    Block block = Town.prepare(server);
    server.execute("ROLLBACK PREPARED '" + block.name() + "'");

    // When, Then
    assertThat(town.rollback(block.beginning(), 0)).isEqualTo(new Done());
  }

  @Test
  void shouldFailUntilPrepareHasEnded() throws Exception {
    // Given
    try (Connection connection = server.connect("postgres", "service")) {
      Block block = Town.begin(connection);

      // When
      Completed early = town.commit(block);
      Completed undone = town.rollback(block.name(), block.xid());
      PostgresServer.execute(connection, "PREPARE TRANSACTION '" + block.name() + "'");

      // Then
      assertThat(early)
          .isEqualTo(
              new Failed(
                  "COMMIT: transaction %d is in progress, and not prepared"
                      .formatted(block.xid())));
      assertThat(undone).isInstanceOf(Failed.class);
      assertThat(town.commit(block)).isEqualTo(new Done());
    }
  }

  @Test
  void shouldSayWhoHasToBeTheUserWhenAnotherRoleHasPrepared() throws Exception {
    // Given
    Block block = Town.prepare(server, "postgres", "other");

    // When
    Completed whole = town.commit(block);
    Completed beginning = town.commit(block.beginning(), block.xid());

    // Then
    assertThat(whole)
        .isEqualTo(
            new Failed(
                "role service may not complete what other has prepared (expected: user: other, or a"
                    + " superuser)"));
    assertThat(beginning).isEqualTo(whole);
    try (Town superuser =
        new Town(
            Town.config(
                List.of(new DatabaseConfig.Server("127.0.0.1", server.port())), "postgres", 1))) {
      assertThat(superuser.commit(block)).isEqualTo(new Done());
    }
  }

  @Test
  void shouldRefuseWhatIsNoNameOfTheMesh() {
    for (String name :
        List.of(
            "", "hf1_", "x' OR ''='", "hf1_%032x_%016x_1_'; DROP TABLE entry".formatted(1, 1))) {
      assertThat(town.commit(name, 1)).isInstanceOf(Failed.class);
    }
    assertThat(Town.<Completed>ask(reply -> town.databases.commit("none", "x", 1, reply)))
        .isEqualTo(new Failed("none: no database of that name"));
    assertThat(town.databases.names()).isEqualTo(Set.of("bank"));
  }

  @Test
  void shouldCommitWhenItsIdleConnectionWasEnded() throws Exception {
    // Given
    assertThat(town.check().ready()).isTrue();
    Block block = Town.prepare(server);
    assertThat(
            server.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + SIDECARS))
        .containsExactly("t");

    // When, Then
    assertThat(town.commit(block)).isEqualTo(new Done());
  }

  @Test
  void shouldBeDoneWhenTheAnswerToItsCommitWasLost() throws Exception {
    // Given
    assertThat(town.check().ready()).isTrue(); // so that a connection is used again
    Block block = Town.prepare(server);
    withoutStandby(() -> {
      CompletableFuture<Completed> completed =
          Town.begun(reply -> town.databases.commit(Town.NAME, block.name(), block.xid(), reply));
      awaitCommitThatWaitsForAStandby();

      // When
      server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + SIDECARS);

      // Then
      assertThat(completed.join()).isEqualTo(new Done());
    });
    assertThat(entries()).isEqualTo(1);
  }

  @Test
  void shouldFailWhenSomebodyCompletesItAtThisMoment() throws Exception {
    // Given
    Block block = Town.prepare(server);
    withoutStandby(() -> {
      CompletableFuture<Completed> first =
          Town.begun(reply -> town.databases.commit(Town.NAME, block.name(), block.xid(), reply));
      awaitCommitThatWaitsForAStandby();

      // When
      Completed second = town.commit(block);

      // Then
      assertThat(second)
          .isInstanceOfSatisfying(
              Failed.class, it -> assertThat(it.reason()).contains("55000", "is busy"));
      admitStandby(false);
      assertThat(first.join()).isEqualTo(new Done());
      assertThat(town.commit(block)).isEqualTo(new Done());
    });
  }

  @Test
  void shouldFailInBoundedTimeWhenTheServerIsSilentAndEveryConnectionBusy() throws Exception {
    // Given
    Block block = Town.prepare(server);
    DatabaseConfig.Server address = new DatabaseConfig.Server("127.0.0.1", server.port());
    try (Town quick = new Town(Town.config(List.of(address), "service", 1), Town.QUICK)) {
      withoutStandby(() -> {
        CompletableFuture<Completed> first =
            Town.begun(
                reply -> quick.databases.commit(Town.NAME, block.name(), block.xid(), reply));
        awaitCommitThatWaitsForAStandby();

        // When
        Completed second = quick.commit(block);

        // Then
        assertThat(second)
            .isInstanceOfSatisfying(
                Failed.class,
                it -> assertThat(it.reason()).contains("all 1 connections were in use"));
        assertThat(first.join())
            .isInstanceOfSatisfying(
                Failed.class, it -> assertThat(it.reason()).contains("08006", "timed out"));
      });
      await().untilAsserted(() -> assertThat(quick.commit(block)).isEqualTo(new Done()));
    }
  }

  private interface Action {
    void run() throws Exception;
  }

  /** Commits wait for a standby that does not exist. */
  private static void withoutStandby(Action action) throws Exception {
    admitStandby(true);
    try {
      action.run();
    } finally {
      admitStandby(false);
    }
  }

  private static void admitStandby(boolean needed) throws SQLException {
    server.execute(
        "ALTER SYSTEM SET synchronous_standby_names = '%s'".formatted(needed ? "nobody" : ""),
        "SELECT pg_reload_conf()");
    await()
        .untilAsserted(() ->
            assertThat(server.query("SHOW synchronous_standby_names"))
                .containsExactly(needed ? "nobody" : ""));
  }

  private static void awaitCommitThatWaitsForAStandby() {
    await()
        .untilAsserted(() ->
            assertThat(
                    server.query(
                        "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND "
                            + SIDECARS))
                .hasSize(1));
  }
}
