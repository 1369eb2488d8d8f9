package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresMesh.Call;
import io.handfast.proxy.postgres.PostgresMesh.Member;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/** Whatever a block uses of PostgreSQL's protocol, it is prepared, and ends as its transaction. */
final class PostgresProtocolIT {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final String CANCELLED = "57014";
  private static final String FAILED = "25P02";

  @TempDir private Path directory;

  private final List<String> seen = new ArrayList<>();

  /** What the service does with its database, over one connection. */
  private interface Work {
    void in(Call call, Connection connection) throws Exception;
  }

  /**
   * What came of a transaction.
   *
   * @param accounts each as {@code id=balance}
   */
  private record Done(
      String outcome, String body, List<String> accounts, long prepared, long cancels) {}

  /**
   * A transaction of the mesh in which a service does that.
   *
   * @param given what its database has besides two accounts
   */
  private Done transaction(String parameters, String given, Work work) throws Exception {
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      AtomicReference<Connection> connected = new AtomicReference<>();
      Member front =
          mesh.front(call -> {
            Connection connection = connected.get();
            if (connection == null) {
              throw new IllegalStateException("no connection");
            }
            work.in(call, connection);
            return "done";
          });
      if (!given.isEmpty()) {
        SERVER.execute(front.database(), given);
      }
      try (Connection connection = front.connect(parameters)) {
        connected.set(connection);
        HttpResponse<String> answer = mesh.send("POST");
        await().untilAsserted(() -> assertThat(front.prepared()).isEmpty());
        return new Done(
            answer.headers().firstValue("tx-outcome").orElse("none"),
            answer.body(),
            SERVER.query(front.database(), "SELECT id || '=' || balance FROM account ORDER BY id"),
            front.stats().blocksPrepared.value(),
            front.stats().cancelRequests.value());
      }
    }
  }

  /** What is done at the end of a block that updates, which is when it is prepared. */
  private static String atTheEnd(String what) {
    return """
    CREATE FUNCTION at_the_end() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN %s; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER at_the_end AFTER UPDATE ON account
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_the_end()\
    """
        .formatted(what);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "prepareThreshold=1", "protocolVersion=3.2"})
  void shouldPrepareABlockWhateverOfTheProtocolItUses(String parameters) throws Exception {
    // When
    Done done =
        transaction(
            parameters,
            atTheEnd("RAISE NOTICE 'at the end'"),
            (call, connection) -> {
              connection.setAutoCommit(false);
              copyIn(call, connection);
              portions(call, connection);
              cursor(connection);
              notice(connection);
              savepoint(connection);
              copyOut(connection);
              try (Statement half = connection.createStatement()) {
                half.setFetchSize(2);
                try (ResultSet rows = half.executeQuery("SELECT id FROM account")) {
                  rows.next(); // and the portal is still open, with more of them
                  connection.commit();
                }
              }
              warned(connection.getWarnings());
            });

    // Then
    assertThat(done.outcome()).as(done.body()).isEqualTo("committed");
    assertThat(done.accounts()).containsExactly("1=101", "2=101", "3=101", "4=111", "5=201");
    assertThat(done.prepared()).isEqualTo(1);
    assertThat(seen)
        .startsWith(
            "copied 3", "updated 5", "fetched 4", "noticed", FAILED, "out 5", "out of one 1")
        .contains("at the end");
  }

  @Test
  void shouldPrepareWhatIsNoBlockOfTheServicesWhateverOfTheProtocolItUses() throws Exception {
    // When
    Done done =
        transaction(
            "",
            "INSERT INTO account VALUES (8, 100), (9, 100)",
            (call, connection) -> {
              copyIn(call, connection);
              try (PreparedStatement limited =
                  connection.prepareStatement(
                      call.commented(
                          "UPDATE account SET balance = balance + ? WHERE id < 3 RETURNING id"))) {
                limited.setMaxRows(1); // the other one is left in its portal
                limited.setInt(1, 1);
                try (ResultSet rows = limited.executeQuery()) {
                  rows.next();
                }
              }
              StringWriter out = new StringWriter();
              copies(connection)
                  .copyOut(
                      call.commented(
                          "COPY (UPDATE account SET balance = 0 WHERE id > 7 RETURNING id) TO STDOUT"),
                      out);
              seen.add("out of " + out.toString().lines().count());
            });

    // Then
    assertThat(done.outcome()).as(done.body()).isEqualTo("committed");
    assertThat(done.accounts())
        .containsExactly("1=101", "2=101", "3=100", "4=100", "5=100", "8=0", "9=0");
    assertThat(done.prepared()).isEqualTo(3);
    assertThat(seen).containsExactly("copied 3", "out of 2");
  }

  private static CopyManager copies(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class).getCopyAPI();
  }

  private void copyIn(Call call, Connection connection) throws SQLException, IOException {
    String rows = "3\t100\n4\t100\n5\t100\n";
    long copied =
        copies(connection)
            .copyIn(call.commented("COPY account FROM STDIN"), new StringReader(rows));
    seen.add("copied " + copied);
  }

  /** Rows in portions, and statements between them. */
  private void portions(Call call, Connection connection) throws SQLException {
    int updated = 0;
    try (PreparedStatement select =
        connection.prepareStatement(
            call.commented("SELECT id FROM account WHERE id > ? ORDER BY id"))) {
      select.setFetchSize(2);
      select.setInt(1, 0);
      try (ResultSet rows = select.executeQuery();
          Statement update = connection.createStatement()) {
        while (rows.next()) {
          updated +=
              update.executeUpdate(
                  call.commented(
                      "UPDATE account SET balance = balance + 1 WHERE id = " + rows.getInt(1)));
        }
      }
    }
    seen.add("updated " + updated);
  }

  private void cursor(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DECLARE c CURSOR FOR SELECT id FROM account WHERE id = 4 FOR UPDATE");
      try (ResultSet row = statement.executeQuery("FETCH NEXT FROM c")) {
        row.next();
        seen.add("fetched " + row.getInt(1));
      }
      statement.execute("UPDATE account SET balance = balance + 10 WHERE CURRENT OF c");
      statement.execute("MOVE 1 FROM c");
      statement.execute("CLOSE c");
    }
  }

  private void notice(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DO $$ BEGIN RAISE NOTICE 'noticed'; END $$");
      warned(statement.getWarnings());
    }
  }

  private void warned(SQLWarning first) {
    for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
      seen.add(String.valueOf(warning.getMessage()));
    }
  }

  /** A COPY that its client gives up, and a block that goes on. */
  private void savepoint(Connection connection) throws SQLException {
    Savepoint before = connection.setSavepoint("before");
    CopyIn copy = copies(connection).copyIn("COPY account FROM STDIN");
    byte[] row = "6\t100\n".getBytes(StandardCharsets.UTF_8);
    copy.writeToCopy(row, 0, row.length);
    copy.cancelCopy();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    } catch (SQLException e) {
      seen.add(String.valueOf(e.getSQLState()));
    }
    connection.rollback(before);
  }

  private void copyOut(Connection connection) throws SQLException, IOException {
    StringWriter out = new StringWriter();
    copies(connection).copyOut("COPY account TO STDOUT", out);
    seen.add("out " + out.toString().lines().count());
    StringWriter one = new StringWriter();
    copies(connection)
        .copyOut(
            "COPY (UPDATE account SET balance = balance + 100 WHERE id = 5 RETURNING id) TO STDOUT",
            one);
    seen.add("out of one " + one.toString().lines().count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "protocolVersion=3.2"})
  void shouldVoteNoWhenAStatementIsCancelledT12(String parameters) throws Exception {
    // When
    Done done =
        transaction(
            parameters,
            "",
            (call, connection) -> {
              spoken(connection);
              updated(call, connection);
              seen.add(cancelled(connection, "SELECT pg_sleep", () -> sleep(connection)));
              seen.add(state(connection::commit));
            });

    // Then: its service has answered 200, for its driver does not look at COMMIT's tag
    assertThat(done.outcome()).as(done.body()).isEqualTo("aborted");
    assertThat(done.accounts()).containsExactly("1=100", "2=100");
    assertThat(done.prepared()).isZero();
    assertThat(done.cancels()).isEqualTo(1);
    assertThat(seen).containsExactly(parameters.isEmpty() ? "3.0" : "3.2", CANCELLED, "none");
  }

  @Test
  void shouldPrepareWhatIsLeftWhenACancelledStatementIsRolledBackTo() throws Exception {
    // When
    Done done =
        transaction(
            "",
            "",
            (call, connection) -> {
              updated(call, connection);
              Savepoint before = connection.setSavepoint();
              seen.add(cancelled(connection, "SELECT pg_sleep", () -> sleep(connection)));
              connection.rollback(before);
              connection.commit();
            });

    // Then
    assertThat(done.outcome()).as(done.body()).isEqualTo("committed");
    assertThat(done.accounts()).containsExactly("1=101", "2=100");
    assertThat(seen).containsExactly(CANCELLED);
  }

  @Test
  void shouldVoteNoWhenItsPrepareIsCancelledT12() throws Exception {
    // When
    Done done =
        transaction(
            "",
            atTheEnd("PERFORM pg_sleep(60)"),
            (call, connection) -> {
              updated(call, connection);
              seen.add(cancelled(connection, "PREPARE TRANSACTION", connection::commit));
            });

    // Then
    assertThat(done.outcome()).as(done.body()).isEqualTo("aborted");
    assertThat(done.accounts()).containsExactly("1=100", "2=100");
    assertThat(done.prepared()).isZero();
    assertThat(seen).containsExactly(CANCELLED);
  }

  private void spoken(Connection connection) throws SQLException {
    seen.add(
        connection.unwrap(BaseConnection.class).getQueryExecutor().getProtocolVersion().toString());
  }

  private static void updated(Call call, Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(call.commented("UPDATE account SET balance = balance + 1 WHERE id = 1"));
    }
  }

  private static void sleep(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_sleep(60)");
    }
  }

  /** Something that a database may refuse. */
  private interface Act {
    void run() throws SQLException;
  }

  /** The SQLSTATE of it; {@code none} if it went well. */
  private static String state(Act act) {
    try {
      act.run();
      return "none";
    } catch (SQLException e) {
      return String.valueOf(e.getSQLState());
    }
  }

  /** The same, when it is cancelled as soon as the server runs what begins so. */
  private static String cancelled(Connection connection, String sql, Act act) throws Exception {
    String running =
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND datname = '%s' AND query LIKE '%s%%'"
            .formatted(connection.getCatalog(), sql);
    Thread canceller =
        Thread.startVirtualThread(() -> {
          await().until(() -> !SERVER.query("postgres", running).isEmpty());
          try {
            connection.unwrap(PGConnection.class).cancelQuery();
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
    String state = state(act);
    canceller.join();
    return state;
  }
}
