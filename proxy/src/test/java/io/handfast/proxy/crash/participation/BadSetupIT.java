package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.handfast.proxy.crash.CrashPoint;
import io.handfast.proxy.crash.SidecarProcess;
import io.handfast.proxy.crash.Told;
import io.handfast.proxy.crash.Training;
import io.handfast.proxy.crash.participation.Ask.Conduct;
import io.handfast.proxy.crash.participation.Cell.End;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Databases and credentials that are not as they should be: who is told, and nothing half done. */
@Execution(ExecutionMode.CONCURRENT)
final class BadSetupIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PATIENCE_SECONDS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(PATIENCE_SECONDS);

  private static Cell cell(End end) {
    return new Cell(Column.DATABASES, new Fault.Behaves(Place.FRONT, Conduct.OBEY), end);
  }

  @Test
  void shouldBeNotReadyAndCommitNothingWhenTheDatabaseCannotPrepare() throws Exception {
    PostgresServer database =
        PostgresServer.start(
            Training.HOME.resolve("rig-cannot-prepare/postgres"), "max_prepared_transactions=0");
    try (Rig rig = new Rig(Training.HOME.resolve("rig-cannot-prepare"), Training.jvm(), database)) {
      // When
      rig.start();
      // Then
      for (Place place : Place.values()) {
        SidecarProcess sidecar = rig.sidecar(place);
        Awaitility.await(place + " says why")
            .atMost(PATIENCE)
            .until(() -> sidecar.readiness().contains("max_prepared_transactions"));
        assertThat(sidecar.lastWords()).contains("max_prepared_transactions");
      }
      Cell cell = cell(End.ABORTS);
      HttpResponse<String> answer =
          rig.send(cell.patientRequest("key")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(answer.statusCode()).as(answer.body()).isGreaterThanOrEqualTo(400);
      assertThat(answer.body()).contains("prepared transactions are disabled");
      String tx = answer.headers().firstValue("tx-id").orElseThrow();
      assertThat(rig.administration(Place.FRONT, "/transactions/" + tx))
          .contains("prepared transactions are disabled");
      assertThat(rig.sidecar(Place.FRONT).log().lines())
          .anyMatch(
              line -> line.contains(tx) && line.contains("prepared transactions are disabled"));
      Verdict.effects(rig, cell, "key", Told.nothing("whatever"));
    }
  }

  @Test
  void shouldSayWhyAndPrepareNothingWhenTheSidecarsRoleMayNotCompleteIt() throws Exception {
    try (Rig rig = new Rig(Training.HOME.resolve("rig-wrong-role"), Training.jvm())) {
      // Given
      String right = "user: " + PostgresServer.ROLE;
      String wrong = "user: " + PostgresServer.STRANGER;
      rig.configure(Place.BACK, yaml -> yaml.replace(right, wrong));
      rig.heal();
      // When
      Cell refused = cell(End.ABORTS);
      HttpResponse<String> answer =
          rig.send(refused.patientRequest("key")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      // Then: who could not complete it says so before there is anything to complete
      String why = "the role app would own it, and the sidecar's, stranger, may not complete it";
      assertThat(answer.headers().firstValue("tx-outcome")).as(answer.body()).contains("aborted");
      assertThat(answer.body()).contains(why);
      String tx = answer.headers().firstValue("tx-id").orElseThrow();
      assertThat(rig.administration(Place.BACK, "/transactions/" + tx)).contains(why);
      assertThat(rig.sidecar(Place.BACK).log().lines())
          .anyMatch(line -> line.contains(tx) && line.contains(why));
      Verdict.check(rig, refused, "key", told(answer));
      // When
      rig.configure(Place.BACK, yaml -> yaml.replace(wrong, right));
      rig.sidecar(Place.BACK).kill();
      rig.heal();
      Cell cell = cell(End.COMMITS);
      Told told = rig.place(cell.patientRequest("key")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      // Then
      Verdict.check(rig, cell, "key", told);
    }
  }

  @Tag("full")
  @Test
  void shouldBeNotReadyAndCompleteLaterWhenTheSidecarsOwnPasswordIsWrong() throws Exception {
    Path home = Files.createDirectories(Training.HOME.resolve("rig-password"));
    Path access =
        Files.writeString(
            home.resolve("pg_hba.conf"),
            """
            host all postgres 127.0.0.1/32 trust
            host all all 127.0.0.1/32 scram-sha-256
            """);
    PostgresServer database = PostgresServer.start(home.resolve("postgres"), "hba_file=" + access);
    try (Rig rig = new Rig(home, Training.jvm(), database)) {
      // Given: the service's password is right, and the front's sidecar's
      Path right = Files.writeString(home.resolve("right"), PostgresServer.PASSWORD);
      Path changed = Files.writeString(home.resolve("changed"), "m1staken");
      String user = "user: " + PostgresServer.ROLE;
      rig.configure(
          Place.FRONT, yaml -> yaml.replace(user, user + "\n      password_file: " + right));
      rig.configure(
          Place.BACK, yaml -> yaml.replace(user, user + "\n      password_file: " + changed));
      rig.start();
      // Then
      String reason = "password authentication failed for user \"app\"";
      SidecarProcess sidecar = rig.sidecar(Place.BACK);
      Awaitility.await("readiness says why")
          .atMost(PATIENCE)
          .until(() -> sidecar.readiness().contains(reason.substring(0, 30)));
      assertThat(sidecar.log()).contains(reason).doesNotContain("m1staken");
      assertThat(rig.administration(Place.BACK, "/stats/prometheus"))
          .containsPattern("handfast_database_scans_failed_total\\{[^}]*} [1-9]");
      rig.sidecar(Place.FRONT).awaitReady();
      // When
      Cell cell = cell(End.COMMITS);
      HttpResponse<String> answer =
          rig.send(cell.patientRequest("key")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      // Then: what is prepared waits for who can complete it
      assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
      String tx = answer.headers().firstValue("tx-id").orElseThrow();
      Awaitility.await("tx show says why")
          .atMost(PATIENCE)
          .until(
              () -> rig.administration(Place.BACK, "/transactions/" + tx),
              shown -> shown.contains("password authentication failed for user"));
      // When
      Files.writeString(changed, PostgresServer.PASSWORD);
      // Then
      Verdict.check(rig, cell, "key", told(answer));
      sidecar.awaitReady();
    }
  }

  /** What it is told, its client, the log and {@code tx show} too. */
  @Tag("full")
  @Test
  void shouldSayWhyWhenTheServicesOwnPasswordIsWrong() throws Exception {
    Path home = Files.createDirectories(Training.HOME.resolve("rig-service-password"));
    Path access =
        Files.writeString(
            home.resolve("pg_hba.conf"),
            """
            host all   postgres 127.0.0.1/32 trust
            host front all      127.0.0.1/32 trust
            host back  all      127.0.0.1/32 scram-sha-256
            """);
    PostgresServer database = PostgresServer.start(home.resolve("postgres"), "hba_file=" + access);
    try (Rig rig = new Rig(home, Training.jvm(), database)) {
      // Given: the sidecar's is right
      Path password = Files.writeString(home.resolve("password"), "changed");
      String user = "user: " + PostgresServer.ROLE;
      rig.configure(
          Place.BACK, yaml -> yaml.replace(user, user + "\n      password_file: " + password));
      password(database, "changed");
      rig.heal();
      // When
      String calls = "/patient" + Mode.DATABASE.orders() + "?calls=DATABASE&at=none&front=SWALLOW";
      HttpResponse<String> aborted =
          rig.send(calls + "&key=aborted").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      // Then
      String why = "database ledger did not let a connection of the service in: 28P01";
      String words = why + " password authentication failed for user";
      assertThat(aborted.statusCode()).as(aborted.body()).isEqualTo(409);
      assertThat(aborted.headers().firstValue("content-type")).contains("application/problem+json");
      assertThat(aborted.body()).contains("; meanwhile " + why).doesNotContain(words);
      assertShownAndLogged(rig, aborted, words);
      assertThat(rig.sidecar(Place.BACK).log())
          .contains(
              "login failed: database=ledger reason=28P01 password authentication failed for user");
      // When: it says that all is well
      HttpResponse<String> swallowed =
          rig.send(calls + "&key=swallowed&back=SWALLOW").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      // Then: nothing was written there that could be undone, and it can be seen why
      assertThat(swallowed.headers().firstValue("tx-outcome")).contains("committed");
      assertShownAndLogged(rig, swallowed, words);
      assertThat(rig.administration(Place.BACK, "/stats/prometheus"))
          .containsPattern("envoy_postgres_logins_failed\\{[^}]*} 2");
      Verdict.awaitRest(rig);
      // When
      Files.writeString(password, PostgresServer.PASSWORD);
      password(database, PostgresServer.PASSWORD);
      Cell cell = cell(End.COMMITS);
      Told told = rig.place(cell.patientRequest("key")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      // Then
      Verdict.check(rig, cell, "key", told);
    }
  }

  private static void password(PostgresServer database, String password) throws SQLException {
    try (Connection connection = database.connect(Place.BACK);
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER ROLE app PASSWORD '" + password + "'");
    }
  }

  private static void assertShownAndLogged(Rig rig, HttpResponse<String> answer, String why)
      throws Exception {
    String tx = answer.headers().firstValue("tx-id").orElseThrow();
    assertThat(rig.administration(Place.BACK, "/transactions/" + tx)).contains(why);
    assertThat(rig.sidecar(Place.BACK).log().lines())
        .anyMatch(line -> line.contains(tx) && line.contains(why));
  }

  private static Told told(HttpResponse<String> answer) {
    return new Told(
        answer.statusCode(), answer.headers().firstValue("tx-outcome"), false, answer.body());
  }

  /** Each finds what the other one has prepared, and leaves it to whoever decides (T13). */
  @Tag("full")
  @Test
  void shouldLeaveAloneWhatAnotherMeshHasPreparedT13() throws Exception {
    PostgresServer shared = PostgresServer.start(Training.HOME.resolve("rig-shared/postgres"));
    try (Rig one = new Rig(Training.HOME.resolve("rig-shared/one"), Training.jvm(), shared);
        Rig other = new Rig(Training.HOME.resolve("rig-shared/other"), Training.jvm(), shared)) {
      // Given
      one.heal();
      CrashPoint decided = CrashPoint.entry("io.handfast.tx.engine.ForcePoints", "afterDecision");
      one.sidecar(Place.FRONT).arm(decided, 0);
      Cell cell = cell(End.COMMITS_UNHEARD);
      // When: in doubt, and its coordinator is away
      CompletableFuture<Told> told = one.place(cell.patientRequest("key"));
      one.sidecar(Place.FRONT).awaitCrash();
      other.heal();
      // Then: the other mesh has seen it
      Awaitility.await("the other mesh asks")
          .atMost(PATIENCE)
          .until(() -> other.sidecar(Place.BACK).load().filter(it -> it.inDoubt() > 0).isPresent());
      assertThat(other.sidecar(Place.BACK).log()).contains("its decider is asked");
      String inFlight = other.administration(Place.BACK, "/transactions");
      assertThat(inFlight).contains("\"in-doubt\"");
      String tx = JSON.readTree(inFlight).path("inFlight").path(0).path("txId").asText();
      String shown = other.administration(Place.BACK, "/transactions/" + tx);
      // When
      one.heal();
      // Then
      JsonNode coordinator = JSON.readTree(one.administration(Place.FRONT, "/transactions"));
      assertThat(shown)
          .contains("prepared in database ledger, from " + coordinator.path("storeId").asText())
          .contains(" at " + coordinator.path("authority").asText() + " (asked ");
      Verdict.check(one, cell, "key", told.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      Verdict.awaitRest(other);
    }
  }
}
