package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.handfast.proxy.crash.Told;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Services that do what cannot be prepared, or at the wrong time: refused with the reason, in the
 * client's problem document and in {@code handfast tx show}, and nothing is half done.
 */
@Execution(ExecutionMode.CONCURRENT)
final class BadInputIT {
  private static final int PATIENCE_SECONDS = 60;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicInteger KEYS = new AtomicInteger();

  @RegisterExtension final RigLease lease = new RigLease();

  private final String key = "bad-" + KEYS.incrementAndGet();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CREATE TEMPORARY TABLE scratch (number int)            | temporary
          LISTEN news                                            | LISTEN
          NOTIFY news                                            | NOTIFY
          DECLARE held CURSOR WITH HOLD FOR SELECT 1             | WITH HOLD
          SELECT pg_export_snapshot()                            | snapshot
          SELECT pg_advisory_lock(7), pg_advisory_xact_lock(7)   | locks on the same object
          """)
  void shouldSayWhyWhenABlockCannotBePrepared(String sql, String reason) throws Exception {
    // When
    Map<String, String> swallowed = Map.of("front", "SWALLOW", "back", "SWALLOW", "back.sql", sql);
    HttpResponse<String> answer = order("DATABASE", swallowed);
    // Then
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    assertSaidEverywhere(answer, reason);
    settled(0, 0);
  }

  @Test
  void shouldNameBothBranchesWhenTheyWriteOneRow() throws Exception {
    // When: the second call finds the row locked by what the first one has prepared
    HttpResponse<String> answer = order("DATABASE,DATABASE", Map.of());
    // Then: the service's own error, with the sidecar's words in it
    assertThat(answer.headers().firstValue("tx-outcome")).as(answer.body()).contains("aborted");
    assertThat(answer.body())
        .contains("use mode callback")
        .containsPattern(
            "branch [0-9a-f]{32}-[0-9a-f]{16} waits for what block 1 of branch [0-9a-f]{32}-");
    assertThat(lease.rig().administration(Place.BACK, "/stats/prometheus"))
        .containsPattern("handfast_tx_self_conflict_total(\\{[^}]*})? [1-9]");
    assertSelfConflict(answer);
    settled(0, 0);
  }

  /** What it rolled back itself was no part of what it answers for. */
  @Test
  void shouldCommitTheRestWhenAServiceSaysNothingOfTheRowThatItDidNotGet() throws Exception {
    // When
    HttpResponse<String> answer =
        order("DATABASE,DATABASE", Map.of("front", "SWALLOW", "back", "SWALLOW"));
    // Then
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
    assertSelfConflict(answer);
    settled(1, 1);
  }

  /** Whoever looks for the reason finds who waited, and for whom. */
  private void assertSelfConflict(HttpResponse<String> answer) throws Exception {
    String tx = tx(answer);
    String why = "self-conflict: a lock was not got that may be held until the outcome by block 1";
    assertShownAndLogged(answer, why + " of branch " + tx + "-");
    assertThat(lease.rig().sidecar(Place.BACK).log())
        .containsPattern(
            why + " of branch %1$s-([0-9a-f]{16}) txId=%1$s branchId=(?!\\1)".formatted(tx));
  }

  @Test
  void shouldCommitBothBlocksWhenAServiceCommitsTwice() throws Exception {
    // When
    HttpResponse<String> answer = order("DATABASE", Map.of("back", "TWICE"));
    // Then
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    settled(1, 2);
  }

  @Test
  void shouldAbortAndSayWhyWhenAServiceNeverCommits() throws Exception {
    // Given
    lease.warmRig(Column.DATABASES);
    // When
    HttpResponse<String> answer = order("/limited", "DATABASE", Map.of("back", "NEVER_COMMIT"));
    // Then
    assertThat(answer.headers().firstValue("tx-outcome")).as(answer.body()).contains("aborted");
    assertSaidEverywhere(answer, "no COMMIT by the deadline; the service answered without COMMIT");
    settled(0, 0);
  }

  @Test
  void shouldWaitAndCommitWhenAServiceAnswersBeforeItCommitsT11() throws Exception {
    // When
    HttpResponse<String> answer = order("DATABASE", Map.of("back", "ANSWER_FIRST"));
    // Then
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    settled(1, 1);
  }

  @Test
  void shouldRollBackWhenAServiceCommitsLongAfterItHasAnsweredT5() throws Exception {
    // Given
    CompletableFuture<Told> told = new CompletableFuture<>();
    Rig rig = lease.warmRig(Column.DATABASES);
    rig.stops().when(key, () -> told.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    // When
    HttpResponse<String> answer =
        order("/limited", "DATABASE", Map.of("back", "ANSWER_FIRST", "at", "BACK.CALLED"));
    told.complete(Told.nothing(""));
    // Then
    assertThat(answer.headers().firstValue("tx-outcome")).contains("aborted");
    assertSaidEverywhere(answer, "no COMMIT by the deadline");
    settled(0, 0);
    // The service writes it when its COMMIT is answered, which nobody waits for.
    Awaitility.await("the service's last words")
        .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
        .untilAsserted(
            () -> assertThat(rig.service(Place.BACK).lastWords()).contains(key + ": 40000 "));
  }

  /** The name of a block is nobody else's, unless somebody who goes past the sidecar takes it. */
  @Test
  void shouldAbortAndLeaveTheOtherAloneWhenSomebodyHasTakenTheNameOfABlock() throws Exception {
    // Given
    Rig rig = lease.rig();
    CompletableFuture<String> taken = new CompletableFuture<>();
    rig.stops()
        .when(
            key,
            () -> {
              try {
                taken.complete(takeName(rig));
              } catch (Exception e) {
                taken.completeExceptionally(e);
              }
            });

    // When
    HttpResponse<String> answer =
        order("DATABASE", Map.of("at", "BACK.WRITTEN", "front", "SWALLOW", "back", "SWALLOW"));

    // Then
    String name = taken.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    assertSaidEverywhere(answer, name);
    assertSaidEverywhere(answer, "is already in use");
    Awaitility.await("somebody else's is counted")
        .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
        .until(
            () -> rig.administration(Place.BACK, "/stats/prometheus"),
            stats -> stats.matches("(?s).*handfast_database_prepared_others\\{[^}]*} 1\\b.*"));
    assertThat(rig.sidecar(Place.BACK).log())
        .contains("not the sidecar's doing, left alone: database=ledger");
    try (Connection connection = rig.database().connect(Place.BACK);
        Statement statement = connection.createStatement()) {
      statement.execute("ROLLBACK PREPARED '" + name + "'"); // fails if it is not there any more
    }
    settled(0, 0);
  }

  /** Prepares something as the service's role, under the name that its block is about to get. */
  private static String takeName(Rig rig) throws Exception {
    JsonNode coordinator = JSON.readTree(rig.administration(Place.FRONT, "/transactions"));
    String tx =
        JSON.readTree(rig.administration(Place.BACK, "/transactions"))
            .path("inFlight")
            .path(0)
            .path("txId")
            .asText();
    String block = "";
    for (JsonNode branch :
        JSON.readTree(rig.administration(Place.BACK, "/transactions/" + tx)).path("branches")) {
      if (branch.path("waitsFor").asText().startsWith("COMMIT or ROLLBACK of block 1 ")) {
        block = branch.path("branchId").asText();
      }
    }
    Decider decider =
        new Decider(
            new StoreId(coordinator.path("storeId").asText()),
            Objects.requireNonNull(Authority.parse(coordinator.path("authority").asText())),
            null);
    try (Connection connection = rig.database().connect(Place.BACK);
        Statement statement = connection.createStatement()) {
      long xid;
      try (ResultSet row =
          statement.executeQuery(
              "SELECT backend_xid FROM pg_stat_activity WHERE usename = 'app'"
                  + " AND datname = current_database() AND backend_xid IS NOT NULL")) {
        row.next();
        xid = row.getLong(1);
      }
      String name =
          GlobalId.of(
                  Objects.requireNonNull(TxId.parse(tx)),
                  Objects.requireNonNull(BranchId.parse(block)),
                  1,
                  xid,
                  decider)
              .toString();
      connection.setAutoCommit(false);
      statement.execute("SET LOCAL ROLE app");
      statement.execute("INSERT INTO bookings VALUES ('somebody else''s')");
      statement.execute("PREPARE TRANSACTION '" + name + "'");
      return name;
    }
  }

  /** In the client's problem document, and where operators look. */
  private void assertSaidEverywhere(HttpResponse<String> answer, String reason) throws Exception {
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(answer.body()).contains(reason);
    assertShownAndLogged(answer, reason);
  }

  private void assertShownAndLogged(HttpResponse<String> answer, String reason) throws Exception {
    Rig rig = lease.rig();
    String tx = tx(answer);
    assertThat(rig.administration(Place.BACK, "/transactions/" + tx)).contains(reason);
    assertThat(rig.sidecar(Place.BACK).log().lines())
        .anyMatch(line -> line.contains(tx) && line.contains(reason));
  }

  private HttpResponse<String> order(String calls, Map<String, String> more) throws Exception {
    return order("/patient", calls, more);
  }

  private HttpResponse<String> order(String prefix, String calls, Map<String, String> more)
      throws Exception {
    Map<String, String> query = new TreeMap<>(Map.of("at", "none", "key", key, "calls", calls));
    query.putAll(more);
    return lease
        .rig()
        .send(prefix + Mode.DATABASE.orders() + "?" + Ask.encode(query))
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static String tx(HttpResponse<String> answer) {
    return answer.headers().firstValue("tx-id").orElseThrow();
  }

  /** Nothing is left, and so many bookings are there. */
  private void settled(int front, int back) throws SQLException {
    Rig rig = lease.rig();
    Verdict.awaitRest(rig);
    assertThat(bookings(rig, Place.FRONT)).as("at the front").isEqualTo(front);
    assertThat(bookings(rig, Place.BACK)).as("at the back").isEqualTo(back);
    for (Place place : Place.values()) {
      Verdict.nothingIsLeft(rig, place);
    }
    lease.settled();
  }

  private int bookings(Rig rig, Place place) throws SQLException {
    try (Connection connection = rig.database().connect(place);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT count(*) FROM bookings WHERE key = '" + key + "'")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
