package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresMesh.Member;
import io.handfast.proxy.postgres.PostgresMesh.Refused;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services that know nothing but their SQL, in transactions of the mesh. */
final class PostgresTransactionIT {
  private static final PostgresServer SERVER = PostgresServer.shared();

  @TempDir private Path directory;

  @Test
  void shouldMakeWhatBothWroteVisibleWhenTheTransactionCommits() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      AtomicReference<String> inDoubt = new AtomicReference<>("");
      Member back =
          mesh.add(
              "back",
              call -> {
                call.add(1, 30);
                return "credited";
              });
      Member front =
          mesh.front(call -> {
            call.add(1, -30);
            String said = call.call("back", "POST");
            inDoubt.set(back.prepared().size() + " " + back.balance(1));
            return said;
          });

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.body()).isEqualTo("credited");
      assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
      assertThat(inDoubt.get()).isEqualTo("1 100");
      await().until(() -> front.balance(1) == 70 && back.balance(1) == 130);
      assertNothingIsLeft(front, back);
      assertThat(front.stats().blocksPrepared.value()).isEqualTo(1);
      assertThat(back.stats().blocksPrepared.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldLeaveNothingWhenTheCallerRefusesAfterBothHaveCommitted() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member back =
          mesh.add(
              "back",
              call -> {
                call.add(1, 30);
                return "";
              });
      Member front =
          mesh.front(call -> {
            call.add(1, -30);
            call.call("back", "POST");
            throw new Refused(422, "not today");
          });

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.statusCode()).isEqualTo(422);
      assertThat(answer.headers().firstValue("tx-outcome")).contains("aborted");
      assertNothingIsLeft(front, back);
      assertThat(front.balance(1)).isEqualTo(100);
      assertThat(back.balance(1)).isEqualTo(100);
    }
  }

  @Test
  void shouldLeaveNothingWhenTheCalleesDatabaseRefuses() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member back =
          mesh.add(
              "back",
              call -> {
                call.execute(call.commented("INSERT INTO account VALUES (1, 5)"));
                call.connection().commit();
                return "";
              });
      Member front =
          mesh.front(call -> {
            call.add(1, -30);
            return call.call("back", "POST");
          });

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.statusCode()).isNotEqualTo(200);
      assertThat(answer.headers().firstValue("tx-outcome")).contains("aborted");
      assertNothingIsLeft(front, back);
      assertThat(front.balance(1)).isEqualTo(100);
      assertThat(back.stats().blocksRolledBack.value()).isEqualTo(1);
      assertThat(back.stats().sessionsUnencrypted.value()).isPositive();
    }
  }

  @Test
  void shouldPrepareWhatAGetHasWrittenT11() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member back =
          mesh.add(
              "back",
              call -> {
                call.add(2, 1);
                return "counted";
              });
      mesh.front(call -> call.call("back", "GET"));

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
      await().until(() -> back.balance(2) == 101);
      assertThat(back.stats().blocksPrepared.value()).isEqualTo(1);
      assertNothingIsLeft(back);
    }
  }

  @Test
  void shouldPrepareNothingWhenNothingWasWritten() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member back =
          mesh.add(
              "back",
              call -> {
                try (Statement statement = call.connection().createStatement();
                    ResultSet rows =
                        statement.executeQuery(
                            call.commented("SELECT sum(balance) FROM account"))) {
                  rows.next();
                  String sum = rows.getString(1);
                  call.connection().commit();
                  return sum;
                }
              });
      mesh.front(call -> call.call("back", "POST"));

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.body()).isEqualTo("200");
      assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
      assertThat(back.stats().blocksPrepared.value()).isZero();
      assertThat(back.stats().blocksReadOnly.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldTakeTheBranchOfASettingWhenNoCommentNamesOne() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member front =
          mesh.front(call -> {
            call.execute("SET LOCAL handfast.tx = '" + call.branch() + "'");
            call.execute("UPDATE account SET balance = 7 WHERE id = 1");
            call.connection().commit();
            return "set";
          });

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
      await().until(() -> front.balance(1) == 7);
      assertThat(front.stats().blocksPrepared.value()).isEqualTo(1);
      assertNothingIsLeft(front);
    }
  }

  @Test
  void shouldReadWhatWasBeforeTheTransactionWhereAnotherBranchOfItHasWritten() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      AtomicBoolean written = new AtomicBoolean();
      Member back =
          mesh.add(
              "back",
              call -> {
                if (written.compareAndSet(false, true)) {
                  call.add(1, 30);
                  return "";
                }
                return read(call, "") + ", " + read(call, " FOR SHARE");
              });
      mesh.front(call -> {
        call.call("back", "POST");
        return call.call("back", "POST");
      });

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.body()).startsWith("100, 55P03 ").contains("Self-conflict: branch ");
      assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
      await().until(() -> back.balance(1) == 130);
      assertNothingIsLeft(back);
    }
  }

  private static String read(PostgresMesh.Call call, String lock) throws SQLException {
    try (Statement statement = call.connection().createStatement()) {
      statement.execute(call.commented("SELECT set_config('lock_timeout', '50ms', true)"));
      try (ResultSet row =
          statement.executeQuery(
              call.commented("SELECT balance FROM account WHERE id = 1" + lock))) {
        row.next();
        return row.getString(1);
      }
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage();
    } finally {
      call.connection().rollback();
    }
  }

  /** So that the reason of a self-conflict reaches the caller, and not a 504. */
  @Test
  void shouldNotWaitForLocksBeyondTheTimeForWhichItsCallerWaits() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member back = mesh.add("back", PostgresTransactionIT::lockTimeout);
      mesh.callsTakeAtMost("20s").front(call -> call.call("back", "POST"));

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then: of twenty seconds, where the transaction may take thirty
      assertThat(Integer.parseInt(answer.body())).isBetween(1, 18_000);
      assertNothingIsLeft(back);
    }
  }

  private static String lockTimeout(PostgresMesh.Call call) throws SQLException {
    call.execute(call.commented("UPDATE account SET balance = balance + 1 WHERE id = 1"));
    try (Statement statement = call.connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT extract(epoch FROM current_setting('lock_timeout')::interval) * 1000")) {
      row.next();
      int milliseconds = row.getInt(1);
      call.connection().commit();
      return String.valueOf(milliseconds);
    }
  }

  @Test
  void shouldPrepareAStatementThatCommitsItself() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member front =
          mesh.front(call -> {
            call.connection().setAutoCommit(true);
            call.execute(call.commented("UPDATE account SET balance = 8 WHERE id = 1"));
            return "set";
          });

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      assertThat(answer.headers().firstValue("tx-outcome")).contains("committed");
      await().until(() -> front.balance(1) == 8);
      assertThat(front.stats().blocksPrepared.value()).isEqualTo(1);
      assertNothingIsLeft(front);
    }
  }

  /** pgjdbc prepares COMMIT once per connection and then only binds it. */
  @Test
  void shouldPrepareEachTimeWhenCommitIsAStatementOfTheServers() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      AtomicReference<Connection> kept = new AtomicReference<>();
      Member front =
          mesh.front(call -> {
            Connection connection = kept.get();
            if (connection == null) {
              throw new IllegalStateException("no connection");
            }
            try (Statement statement = connection.createStatement()) {
              statement.execute(
                  call.commented("UPDATE account SET balance = balance + 1 WHERE id = 1"));
            }
            connection.commit();
            return "added";
          });
      try (Connection connection = front.connect("prepareThreshold=1")) {
        connection.setAutoCommit(false);
        kept.set(connection);

        // When
        for (int i = 0; i < 8; i++) {
          HttpResponse<String> answer = mesh.send("POST");
          assertThat(answer.headers().firstValue("tx-outcome"))
              .as(answer.body())
              .contains("committed");
          int expected = 101 + i;
          await().until(() -> front.balance(1) == expected);
        }
      }

      // Then
      assertThat(front.stats().blocksPrepared.value()).isEqualTo(8);
      assertThat(front.stats().sessions.value()).isEqualTo(1);
      assertNothingIsLeft(front);
    }
  }

  @Test
  void shouldRefuseToWriteWithoutATransactionWhenOneIsRequiredT5() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member front =
          mesh.add(
              "front",
              "boundary: {}, participant: { database: {} }",
              ", propagation: MANDATORY",
              call -> "");
      try (Connection connection = front.connect("");
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);

        // When
        statement.execute("SELECT 1");
        String refused = "";
        try {
          statement.execute("UPDATE account SET balance = 9 WHERE id = 1");
          connection.commit();
        } catch (SQLException e) {
          refused = e.getSQLState() + " " + e.getMessage();
        }
        connection.rollback();

        // Then
        assertThat(refused).startsWith("25000 ");
        assertThat(front.balance(1)).isEqualTo(100);
        assertThat(front.stats().refused.value()).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldRefuseABranchThatIsNotInFlightT5() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      Member front = mesh.front(call -> "");
      try (Connection connection = front.connect("");
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);

        // When
        String refused = "";
        try {
          statement.execute(
              "UPDATE account SET balance = 9 WHERE id = 1"
                  + " /*tracestate='hf%3D0190a1b2c3d4e5f60718293a4b5c6d7e-b7ad6b7169203331'*/");
        } catch (SQLException e) {
          refused = e.getSQLState() + " " + e.getMessage();
        }

        // Then
        assertThat(refused).startsWith("25000 ");
      }
      assertThat(front.balance(1)).isEqualTo(100);
    }
  }

  @Test
  void shouldSayWhyWhenItsDatabaseDidNotLetAServiceIn() throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      AtomicReference<Member> itself = new AtomicReference<>();
      Member back =
          mesh.add(
              "back",
              call -> {
                Member own = itself.get();
                String url =
                    PostgresSidecar.url(
                        own.databasePort(), own.database(), "user=scram&password=wrong");
                try (Connection connection = DriverManager.getConnection(url)) {
                  return connection + " was let in";
                } catch (SQLException e) {
                  throw new Refused(500, "no database");
                }
              });
      itself.set(back);
      Member front =
          mesh.front(call -> {
            call.add(1, -30);
            try {
              return call.call("back", "POST");
            } catch (Refused e) {
              return "never mind";
            }
          });

      // When
      HttpResponse<String> answer = mesh.send("POST");

      // Then
      String why =
          "meanwhile database accounts did not let a connection of the service in:" + " 28P01";
      String words = " password authentication failed for user \\\"scram\\\"";
      assertThat(answer.statusCode()).isEqualTo(409);
      assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
      assertThat(answer.body()).contains(why).doesNotContain(words);
      String tx = answer.headers().firstValue("tx-id").orElseThrow();
      assertThat(back.administration("/transactions/" + tx)).contains(why + words);
      assertThat(back.stats().loginsFailed.value()).isEqualTo(1);
      assertNothingIsLeft(front, back);
      assertThat(front.balance(1)).isEqualTo(100);
    }
  }

  private static void assertNothingIsLeft(Member... members) {
    for (Member member : members) {
      await().untilAsserted(() -> assertThat(member.prepared()).isEmpty());
    }
  }
}
