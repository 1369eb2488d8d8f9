package io.handfast.tx.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Completed.Done;
import io.handfast.tx.port.Databases.Completed.Failed;
import io.handfast.tx.port.Databases.Prepared;
import io.handfast.tx.port.Databases.Readiness;
import io.handfast.tx.port.Databases.Scan;
import io.handfast.tx.postgres.Town.Block;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen of a real server that changes, and how many connections that takes. */
final class SurveyTest {
  private static final String SIDECARS =
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'handfast ledger'";
  @TempDir private static Path directory;
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start(directory.resolve("data"));
    server.execute(
        "CREATE ROLE service LOGIN",
        "CREATE ROLE other LOGIN",
        "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY)",
        "GRANT ALL ON entry TO service, other");
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static List<String> names(Scan scan) {
    return ((Scan.Found) scan).prepared().stream().map(Prepared::globalId).toList();
  }

  @Test
  void shouldFindWhatIsTheMeshsAndItsOwnOldestFirst() throws Exception {
    // Given
    List<Block> own = List.of(Town.prepare(server), Town.prepare(server));
    Block others = Town.prepare(server, "postgres", "other");
    try (Connection connection = server.connect("postgres", "service")) {
      Town.begin(connection);
      PostgresServer.execute(connection, "PREPARE TRANSACTION 'somebody else''s'");
    }
    DatabaseConfig config = Town.config(server);
    DatabaseConfig superuser =
        new DatabaseConfig(
            Town.NAME,
            config.servers(),
            "postgres",
            "postgres",
            Optional.empty(),
            Optional.empty(),
            1,
            Duration.ofSeconds(1),
            Set.of("service", "other"));
    try (Town town = new Town(config);
        Town whoever = new Town(Town.config(config.servers(), "postgres", 1));
        Town all = new Town(superuser)) {

      // When
      Scan found = town.prepared();

      // Then
      assertThat(names(found)).containsExactly(own.get(0).name(), own.get(1).name());
      assertThat(((Scan.Found) found).prepared())
          .allSatisfy(it -> assertThat(it.age()).isBetween(Duration.ZERO, Duration.ofMinutes(5)));
      assertThat(names(all.prepared())).hasSize(3).contains(others.name());
      assertThat(town.registry.get("handfast.database.prepared").gauge().value()).isEqualTo(2);
      assertThat(all.check()).isEqualTo(new Readiness(true, ""));
      assertThat(names(whoever.prepared()))
          .as("of a superuser who takes up no roles by name")
          .containsExactlyElementsOf(names(all.prepared()));
      assertThat(town.check()).isEqualTo(new Readiness(true, ""));
      assertThat(town.registry.get("handfast.database.prepared.others").gauge().value())
          .isEqualTo(1);
      assertThat(all.registry.get("handfast.database.prepared.others").gauge().value()).isZero();
      assertThat(all.databases.scanInterval(Town.NAME)).isEqualTo(Duration.ofSeconds(1));
      for (Block block : List.of(own.get(0), own.get(1), others)) {
        assertThat(all.rollback(block.name(), block.xid())).isEqualTo(new Done());
      }
      assertThat(names(town.prepared())).isEmpty();
    }
    try (Connection connection = server.connect("postgres", "service")) {
      PostgresServer.execute(connection, "ROLLBACK PREPARED 'somebody else''s'");
    }
  }

  @Test
  void shouldMakeNoNameThatIsTooLongForPostgres() throws Exception {
    String longest = "hf1_" + "x".repeat(GlobalId.MAX_LENGTH - 4);
    try (Connection connection = server.connect("postgres", "service")) {
      Town.begin(connection);
      PostgresServer.execute(connection, "PREPARE TRANSACTION '" + longest + "'");
      server.execute("ROLLBACK PREPARED '" + longest + "'");
      Town.begin(connection);
      assertThatThrownBy(
              () -> PostgresServer.execute(connection, "PREPARE TRANSACTION '" + longest + "x'"))
          .hasMessageContaining("is too long");
    }
  }

  /** Somebody who goes past the sidecar may take any name; what it did is not for us to end. */
  @Test
  void shouldLeaveAloneWhatSomebodyElsePreparedUnderTheNameOfABlock() throws Exception {
    try (Connection own = server.connect("postgres", "service");
        Connection stranger = server.connect("postgres", "service");
        Town town = new Town(Town.config(server))) {
      // Given
      String name =
          "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_1_%d_j.abc_front:15014"
              .formatted(Town.begin(own).xid());
      assertThat(GlobalId.parse(name)).isNotNull();
      Town.begin(stranger);
      PostgresServer.execute(stranger, "PREPARE TRANSACTION '" + name + "'");

      // When
      Scan found = town.prepared();

      // Then
      assertThat(names(found)).isEmpty();
      assertThat(town.registry.get("handfast.database.prepared").gauge().value()).isZero();
      assertThat(town.registry.get("handfast.database.prepared.others").gauge().value())
          .isEqualTo(1);
      assertThatThrownBy(() -> PostgresServer.execute(own, "PREPARE TRANSACTION '" + name + "'"))
          .hasMessageContaining("is already in use");
      server.execute("ROLLBACK PREPARED '" + name + "'");
      assertThat(names(town.prepared())).isEmpty();
      assertThat(town.registry.get("handfast.database.prepared.others").gauge().value()).isZero();
    }
  }

  @Test
  void shouldNotBeReadyWhenItTakesUpRolesThatItMayNotActFor() {
    // Given
    DatabaseConfig config = Town.config(server);
    try (Town town =
        new Town(
            new DatabaseConfig(
                Town.NAME,
                config.servers(),
                "postgres",
                "service",
                Optional.empty(),
                Optional.empty(),
                1,
                Duration.ofSeconds(1),
                Set.of("other")))) {

      // When, Then
      assertThat(town.check())
          .isEqualTo(
              new Readiness(
                  false,
                  "service is no superuser, and may not complete what [other] prepare (expected: no"
                      + " roles, or a superuser)"));
    }
  }

  @Test
  void shouldSayWhatToSetWhenNothingCanBePrepared() throws Exception {
    // Given
    try (Town town = new Town(Town.config(server))) {
      assertThat(town.check()).isEqualTo(new Readiness(true, ""));

      // When
      server.execute("ALTER SYSTEM SET max_prepared_transactions = 0");
      server.stop();
      Readiness stopped = town.check();
      Scan unseen = town.prepared();
      server.start();
      Readiness unable = town.check();
      server.execute("ALTER SYSTEM SET max_prepared_transactions = 200");
      server.stop();
      server.start();

      // Then
      assertThat(stopped.ready()).isFalse();
      assertThat(stopped.reason()).contains("127.0.0.1:" + server.port(), "service", "refused");
      assertThat(unseen).isInstanceOf(Scan.Failed.class);
      assertThat(town.registry.get("handfast.database.scans.failed").counter().count())
          .isEqualTo(1);
      assertThat(unable)
          .isEqualTo(
              new Readiness(
                  false,
                  "max_prepared_transactions is 0, so nothing can be prepared: set it to at least"
                      + " the number of the service's connections (max_connections is 300) and"
                      + " restart PostgreSQL"));
      assertThat(town.check()).isEqualTo(new Readiness(true, ""));
    }
  }

  @Test
  void shouldCommitAfterTheServerWasStoppedBetweenPrepareAndCommit() throws Exception {
    // Given
    try (Town town = new Town(Town.config(server))) {
      Block block = Town.prepare(server);
      assertThat(town.check().ready()).isTrue();

      // When
      server.stop();
      Completed stopped = town.commit(block);
      server.start();

      // Then
      assertThat(stopped)
          .isInstanceOfSatisfying(Failed.class, it -> assertThat(it.reason()).contains("08001"));
      assertThat(names(town.prepared())).containsExactly(block.name());
      assertThat(town.commit(block)).isEqualTo(new Done());
    }
  }

  @Test
  void shouldCompleteAStormOverAFewConnections() throws Exception {
    // Given
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < 96; i++) {
      blocks.add(Town.prepare(server));
    }
    try (Town town = new Town(Town.config(server))) {

      // When
      List<CompletableFuture<Completed>> answers = new ArrayList<>();
      List<Thread> callers = new ArrayList<>();
      for (Block block : blocks) {
        CompletableFuture<Completed> answer = new CompletableFuture<>();
        answers.add(answer);
        callers.add(
            Thread.ofPlatform()
                .start(() ->
                    town.databases.commit(Town.NAME, block.name(), block.xid(), answer::complete)));
      }
      for (Thread caller : callers) {
        caller.join();
      }

      // Then
      assertThat(answers).allSatisfy(it -> assertThat(it.join()).isEqualTo(new Done()));
      assertThat(server.query(SIDECARS)).hasSizeBetween(1, 4);
      assertThat(names(town.prepared())).isEmpty();
    }
    await().untilAsserted(() -> assertThat(server.query(SIDECARS)).isEmpty());
  }

  @Test
  void shouldCloseConnectionsThatNobodyUses() throws Exception {
    // Given
    Times times =
        new Times(
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofMillis(50),
            Duration.ofSeconds(2));
    try (Town town = new Town(Town.config(server), times)) {

      // When
      assertThat(town.check().ready()).isTrue();

      // Then
      await().untilAsserted(() -> assertThat(server.query(SIDECARS)).isEmpty());
      await()
          .untilAsserted(() ->
              assertThat(
                      town.registry
                          .get("handfast.database.connections")
                          .tags("state", "idle")
                          .gauge()
                          .value())
                  .isZero());
      assertThat(town.check().ready()).isTrue(); // and opens another one
    }
  }

  @Test
  void shouldRefuseWhatComesAfterItWasClosed() {
    // Given
    Town town = new Town(Town.config(server));
    assertThat(town.check().ready()).isTrue();

    // When
    town.close();

    // Then
    assertThat(town.check()).isEqualTo(new Readiness(false, "bank: closed"));
  }

  @Test
  void shouldSetNothingThatTheDriverDoesNotKnow() throws Exception {
    // Given
    String url = "jdbc:postgresql://localhost/x";
    DatabaseConfig config = Town.config(server);

    // When
    Set<String> known =
        Arrays.stream(DriverManager.getDriver(url).getPropertyInfo(url, new Properties()))
            .map(it -> it.name)
            .collect(Collectors.toSet());

    // Then
    assertThat(known)
        .containsAll(Connector.properties(config, "ledger", Times.USUAL).stringPropertyNames())
        .contains("password", "sslfactory");
  }

  @Test
  void shouldWriteServersAsTheyAreConfigured() {
    assertThat(DatabaseConfig.Server.parse("db.example")).hasToString("db.example:5432");
    assertThat(DatabaseConfig.Server.parse("[::1]:6000"))
        .isEqualTo(new DatabaseConfig.Server("::1", 6000));
    assertThat(DatabaseConfig.Server.parse("[::1]")).hasToString("[::1]:5432");
    for (String text : List.of("", ":1", "a:0", "a:65536", "a:b", "a,b", "::1", "a/b", "[a]")) {
      assertThat(DatabaseConfig.Server.parse(text)).as(text).isNull();
    }
  }
}
