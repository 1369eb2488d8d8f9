package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.crash.Told;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    // The call's answer may overtake its vote, which says why.
    assertThat(answer.body()).containsAnyOf(reason, "answered 409");
    assertThat(lease.rig().administration(Place.BACK, "/transactions/" + tx(answer)))
        .contains(reason);
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
    settled(0, 0);
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
    // When
    HttpResponse<String> answer = order("DATABASE", Map.of("back", "NEVER_COMMIT"));
    // Then
    assertThat(answer.headers().firstValue("tx-outcome")).as(answer.body()).contains("aborted");
    assertThat(answer.body()).contains("the service answered without COMMIT");
    assertThat(lease.rig().administration(Place.BACK, "/transactions/" + tx(answer)))
        .contains("COMMIT");
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
    Rig rig = lease.rig();
    rig.stops().when(key, () -> told.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    // When
    HttpResponse<String> answer =
        order("DATABASE", Map.of("back", "ANSWER_FIRST", "at", "BACK.CALLED"));
    told.complete(Told.nothing(""));
    // Then
    assertThat(answer.headers().firstValue("tx-outcome")).contains("aborted");
    assertThat(answer.body()).contains("no COMMIT by the deadline");
    settled(0, 0);
  }

  private HttpResponse<String> order(String calls, Map<String, String> more) throws Exception {
    return order("", calls, more);
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
