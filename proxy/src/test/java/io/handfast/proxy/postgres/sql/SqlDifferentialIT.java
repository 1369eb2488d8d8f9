package io.handfast.proxy.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is read here beside what PostgreSQL itself made of the same text: how many statements, which
 * commands, whether it wrote, whether it can be prepared.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SqlDifferentialIT {
  private static final String SCHEMA =
      """
      CREATE TABLE t (a int, b text);
      INSERT INTO t VALUES (1, 'x');
      CREATE TABLE begin (atomic int);
      CREATE FUNCTION writes() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (2) RETURNING a';
      CREATE PROCEDURE pay() LANGUAGE sql AS 'UPDATE t SET a = a + 1';
      """;

  private static final int TEXTS = 10_000;

  private EmbeddedPostgres server;
  private WireClient client;

  @BeforeAll
  void start() throws IOException {
    server = EmbeddedPostgres.builder().setServerConfig("max_prepared_transactions", "8").start();
    client = new WireClient(server.getPort());
    assertThat(client.query(SCHEMA).error()).isNull();
  }

  @AfterAll
  void stop() throws IOException {
    client.close();
    server.close();
  }

  @BeforeEach
  void reset() throws IOException {
    client.query("ROLLBACK");
    client.query("DISCARD ALL");
    client.query("SET escape_string_warning = off");
  }

  private static List<SqlStatement> read(String sql, boolean conforming) {
    return Sql.statements(conforming ? Sql.script(sql) : Sql.withBackslashes(sql));
  }

  private void counts(String sql, boolean conforming) throws IOException {
    WireClient.Reply reply = client.query(sql);
    SqlScript script = conforming ? Sql.script(sql) : Sql.withBackslashes(sql);
    String error = String.valueOf(reply.error());
    if (error.contains("unterminated") || error.contains("unsafe use of string constant")) {
      assertThat(script).as("%s: %s", sql, error).isInstanceOf(SqlScript.Broken.class);
    } else if (script instanceof SqlScript.Broken) {
      assertThat(reply.refused()).as("%s: %s, not %s", sql, script, reply).isTrue();
    } else if (!reply.failed()) {
      assertThat(Sql.statements(script)).as("%s: %s", sql, reply).hasSameSizeAs(reply.tags());
    } else {
      assertThat(Sql.statements(script).size()).as(sql).isGreaterThanOrEqualTo(reply.tags().size());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";;",
        "SELECT 1;;SELECT 2",
        "SELECT 'a'\n';'; SELECT 1",
        "SELECT E'a'\n'\\';'; SELECT 1",
        "SELECT 'a' -- x '\n  -- y\n ';'; SELECT 1",
        "SELECT $a$ $$;$$ $b$;$b$ $a $a$; SELECT 1",
        "SELECT $é1$;$é1$; SELECT 1",
        "SELECT $$;$1$;$$; SELECT 1",
        "SELECT 1 +-- ;\n 2; SELECT 1",
        "SELECT 1 */* ; */ 2; SELECT 1",
        "SELECT 1 /*/ ; */; SELECT 1 /***/",
        "SELECT 1 /* //* ; */ ; */; SELECT 1",
        "SELECT 1 /* /*/ ; */ ; */; SELECT 1",
        "SELECT 1 AS a$b$; SELECT 1; --$b$",
        "SELECT 1 AS \";\", 2 AS \"a\"\";\", 3 AS U&\";\"; SELECT 1",
        "SELECT N';', B'1', X'1F', U&';'; SELECT 1",
        "SELECT B'1'\n'0'; SELECT 1",
        "SELECT atomic begin FROM begin; SELECT begin atomic FROM begin; SELECT 1",
        "BEGIN; SELECT 1; END; SELECT 2",
        "CREATE RULE r AS ON DELETE TO t DO ALSO (SELECT 1; SELECT 2); DROP RULE r ON t; SELECT 1",
        "CREATE OR REPLACE FUNCTION f(a int DEFAULT (1)) RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; "
            + "SELECT 1 AS end; SELECT 2 END; END; DROP FUNCTION f; SELECT 1",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin atomic FROM (SELECT 1) x(begin); END; DROP FUNCTION f",
        "CREATE PROCEDURE p() BEGIN /**/ ATOMIC END; DROP PROCEDURE p; SELECT 1",
        "CREATE FUNCTION f(begin int) RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2'; DROP FUNCTION f",
        "SELECT 1.5e3, .5, 1e-1, 0x1F, 1_000; SELECT 1",
        "SELECT 'a\\'; SELECT 1; --'"
      })
  void shouldCutATextWherePostgresDoes(String sql) throws IOException {
    counts(sql, true);
    assertThat(client.query(sql).error()).isNull();
    client.query("SET standard_conforming_strings = off");
    counts(sql, false);
  }

  private static final List<String> PIECES =
      List.of(
          "'",
          "''",
          "'x'",
          "\\",
          "\\'",
          ";",
          ";",
          "--",
          "\n",
          "/*",
          "*/",
          "/**/",
          "$",
          "$$",
          "$a$",
          "$$x$$",
          "\"",
          "\"x\"",
          "E'",
          "e'x'",
          "B'1'",
          "U&'",
          "U&\"",
          "N'",
          " ",
          " ",
          " ",
          ",",
          "(",
          ")",
          "||",
          "+",
          "-",
          "1",
          "1e",
          ".5",
          "x",
          "e",
          "é",
          "a$b",
          "SELECT 1",
          "SELECT 1",
          "SELECT 'a'",
          ";SELECT ",
          "SELECT ",
          " AS ",
          "BEGIN",
          "ATOMIC",
          "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ",
          "END",
          "CASE WHEN true THEN 1 END",
          "COMMIT");

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldCutAsManyStatementsAsPostgresWhateverTheTextIs(boolean conforming) throws IOException {
    client.query("SET standard_conforming_strings = " + (conforming ? "on" : "off"));
    SplittableRandom random = new SplittableRandom(conforming ? 7 : 8);
    int ran = 0;
    for (int i = 0; i < TEXTS; i++) {
      StringBuilder sql = new StringBuilder(random.nextInt(4) == 0 ? "" : "SELECT '");
      int length = 1 + random.nextInt(10);
      for (int j = 0; j < length; j++) {
        sql.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      counts(sql.toString(), conforming);
      ran += client.query("ROLLBACK").failed() ? 0 : 1;
    }
    assertThat(ran).isEqualTo(TEXTS);
  }

  /** A literal is what PostgreSQL takes it for, or it is not taken for anything. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldReadTheValuesOfSettingsAsPostgresDoes(boolean conforming) throws IOException {
    client.query("SET standard_conforming_strings = " + (conforming ? "on" : "off"));
    List<String> inside =
        List.of(
            "a", "'", "''", "\\", "\\\\", "\\n", "\\x41", "\\101", "$", "$$", "é", " ", "\n",
            "'\n'");
    List<String> heads = List.of("'", "E'", "$$", "$a$", "");
    List<String> tails = List.of("'", "'", "$$", "$a$", "");
    SplittableRandom random = new SplittableRandom(9);
    int same = 0;
    for (int i = 0; i < 3_000; i++) {
      int quote = random.nextInt(heads.size());
      StringBuilder literal = new StringBuilder(heads.get(quote));
      int length = 1 + random.nextInt(5);
      for (int j = 0; j < length; j++) {
        literal.append(inside.get(random.nextInt(inside.size())));
      }
      String sql = "SET handfast.tx = " + literal.append(tails.get(quote));
      WireClient.Reply reply = client.query(sql + ";SHOW handfast.tx");
      SqlScript script = conforming ? Sql.script(sql) : Sql.withBackslashes(sql);
      if (!reply.failed()
          && read(sql, conforming).getFirst().command() instanceof SqlCommand.Set set
          && set.value() instanceof SqlValue.Constant(String value)) {
        assertThat(script).isInstanceOf(SqlScript.Statements.class);
        // A word that is not quoted is in lower case there.
        assertThat(quote == 4 ? value.toLowerCase(java.util.Locale.ROOT) : value)
            .as(sql)
            .isEqualTo(reply.values().getFirst());
        same++;
      }
    }
    assertThat(same).isGreaterThan(300);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BEGIN; COMMIT | BEGIN, COMMIT",
        "START TRANSACTION READ ONLY; END WORK | START TRANSACTION, COMMIT",
        "BEGIN; ABORT | BEGIN, ROLLBACK",
        "BEGIN; COMMIT AND CHAIN; ROLLBACK AND NO CHAIN | BEGIN, COMMIT, ROLLBACK",
        "BEGIN; SAVEPOINT savepoint; ROLLBACK TO savepoint; RELEASE savepoint; COMMIT | BEGIN, SAVEPOINT, ROLLBACK, RELEASE, COMMIT",
        "BEGIN; ROLLBACK WORK | BEGIN, ROLLBACK",
        "PREPARE transaction AS SELECT 1; EXECUTE transaction; DEALLOCATE PREPARE transaction | PREPARE, SELECT 1, DEALLOCATE",
        "PREPARE prepare AS SELECT 1; DEALLOCATE prepare; DEALLOCATE ALL | PREPARE, DEALLOCATE, DEALLOCATE ALL",
        "SET LOCAL handfast.tx = 'a'; RESET handfast.tx; SHOW handfast.tx | SET, RESET, SHOW",
        "SET TIME ZONE 'UTC'; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; SET NAMES 'UTF8' | SET, SET, SET",
        "SET \"Handfast\".\"TX\" TO 1 | SET",
        "SELECT set_config('handfast.tx', 'a', true) | SELECT 1",
        "BEGIN; DECLARE c CURSOR FOR SELECT 1; FETCH c; MOVE c; CLOSE c; COMMIT | BEGIN, DECLARE CURSOR, FETCH 1, MOVE 0, CLOSE CURSOR, COMMIT",
        "LISTEN a; NOTIFY a; UNLISTEN * | LISTEN, NOTIFY, UNLISTEN",
        "COPY t FROM STDIN; COPY (SELECT 1) TO STDOUT | COPY 0, COPY 1",
        "DISCARD PLANS; DISCARD TEMPORARY; DISCARD SEQUENCES | DISCARD PLANS, DISCARD TEMP, DISCARD SEQUENCES",
        "WITH x AS (SELECT 1) TABLE x; (VALUES (1)); EXPLAIN (ANALYZE) SELECT 1; DO 'BEGIN END' | SELECT 1, SELECT 1, EXPLAIN, DO",
        "CREATE TABLE y (); TRUNCATE y; ALTER TABLE y ADD z int; DROP TABLE y | CREATE TABLE, TRUNCATE TABLE, ALTER TABLE, DROP TABLE",
        "INSERT INTO t VALUES (5); UPDATE t SET a = 6 WHERE a = 5; DELETE FROM t WHERE a = 6 | INSERT 0 1, UPDATE 1, DELETE 1",
        "MERGE INTO t USING (VALUES (7)) v(a) ON t.a = v.a WHEN NOT MATCHED THEN INSERT VALUES (7); CALL pay(); VACUUM t | MERGE 1, CALL, VACUUM"
      })
  void shouldKnowACommandByWhatPostgresCallsIt(String sql, String tags) throws IOException {
    List<String> told = new ArrayList<>();
    List<SqlStatement> statements = read(sql, true);
    for (SqlStatement statement : statements) {
      byte[] bytes = ("';\"" + sql).getBytes(java.nio.charset.StandardCharsets.UTF_8);
      WireClient.Reply reply =
          client.query(
              new String(
                  bytes,
                  statement.from(),
                  statement.to() - statement.from(),
                  java.nio.charset.StandardCharsets.UTF_8));
      assertThat(reply.error()).as(statement.what()).isNull();
      told.addAll(reply.tags());
      assertThat(kind(reply.tags().getFirst()))
          .as(sql)
          .contains(statement.command().getClass().getSimpleName());
    }
    assertThat(String.join(", ", told)).isEqualTo(tags);
  }

  /** The classes of commands that a tag may stand for. */
  private static String kind(String tag) {
    return switch (tag.replaceAll(" [0-9 ]+$", "")) {
      case "BEGIN", "START TRANSACTION" -> "Begin";
      case "COMMIT" -> "Commit";
      case "ROLLBACK" -> "Rollback Savepoint";
      case "SAVEPOINT", "RELEASE" -> "Savepoint";
      case "PREPARE" -> "Prepare";
      case "SELECT" -> "Query Execute Set";
      case "DEALLOCATE", "DEALLOCATE ALL" -> "Deallocate";
      case "SET" -> "Set";
      case "RESET" -> "Reset";
      case "SHOW" -> "Show";
      case "DECLARE CURSOR", "FETCH", "MOVE", "CLOSE CURSOR" -> "Cursor";
      case "LISTEN", "NOTIFY", "UNLISTEN" -> "Notification";
      case "COPY" -> "Copy";
      case "DISCARD PLANS", "DISCARD TEMP", "DISCARD SEQUENCES" -> "Discard";
      case "EXPLAIN", "DO", "INSERT", "UPDATE", "DELETE", "MERGE", "CALL" -> "Query";
      case "CREATE TABLE", "ALTER TABLE", "DROP TABLE", "TRUNCATE TABLE" -> "Definition";
      case "VACUUM" -> "OutsideOfBlock";
      default -> tag;
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT a FROM t",
        "SELECT count(*), max(a) FROM t WHERE a IN (1, 2)",
        "SELECT a FROM t FOR UPDATE",
        "SELECT a FROM t FOR NO KEY UPDATE",
        "SELECT a FROM t FOR KEY SHARE",
        "SELECT writes()",
        "SELECT a INTO u FROM t",
        "WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x",
        "WITH x AS (SELECT a FROM t FOR UPDATE) SELECT a FROM x",
        "TABLE t",
        "VALUES (1)",
        "(SELECT a FROM t) UNION (SELECT 1)",
        "CALL pay()",
        "DO 'BEGIN UPDATE t SET a = 1; END'",
        "EXPLAIN UPDATE t SET a = 1",
        "EXPLAIN ANALYZE UPDATE t SET a = 1",
        "EXPLAIN (ANALYZE 0) UPDATE t SET a = 1",
        "EXPLAIN (ANALYZE false, ANALYZE) DELETE FROM t",
        "EXPLAIN (SELECT 1)",
        "COPY t TO STDOUT",
        "COPY (SELECT 1) TO STDOUT",
        "COPY (DELETE FROM t RETURNING a) TO STDOUT",
        "COPY (WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x) TO STDOUT",
        "SHOW all",
        "SET LOCAL handfast.tx = 'a'",
        "SAVEPOINT a",
        "SELECT 1",
        "SELECT version()",
        "CREATE TABLE v ()",
        "CREATE TEMP TABLE v ()",
        "TRUNCATE t",
        "GRANT SELECT ON t TO postgres",
        "COMMENT ON TABLE t IS 'x'",
        "ANALYZE t",
        "DECLARE c CURSOR FOR SELECT a FROM t",
        "DECLARE c CURSOR WITH HOLD FOR SELECT a FROM t",
        "PREPARE p AS DELETE FROM t",
        "SELECT set_config('handfast.tx', 'a', true)",
        "LOCK TABLE t IN SHARE MODE",
        "SELECT nextval(pg_get_serial_sequence('t', 'a'))",
        "INSERT INTO t SELECT a FROM t",
        "NOTIFY a",
        "LISTEN a",
        "REINDEX TABLE t",
        "DISCARD PLANS",
        "CHECKPOINT"
      })
  void shouldNotTakeForReadingWhatGotATransactionId(String sql) throws IOException {
    client.query("BEGIN");
    WireClient.Reply reply = client.query(sql);
    assertThat(reply.error()).isNull();
    String id = client.query("SELECT pg_current_xact_id_if_assigned()").values().getFirst();
    client.query("ROLLBACK");
    SqlEffect effect = read(sql, true).getFirst().effect();
    if (!id.equals("NULL")) {
      assertThat(effect).isNotEqualTo(SqlEffect.READS);
    }
    if (effect == SqlEffect.READS) {
      assertThat(id).isEqualTo("NULL");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TEMP TABLE v ()",
        "CREATE TEMP VIEW v AS SELECT 1",
        "CREATE LOCAL TEMPORARY SEQUENCE v",
        "CREATE TABLE pg_temp.v ()",
        "SELECT a INTO TEMP v FROM t",
        "SELECT a INTO pg_temp.v FROM t",
        "EXPLAIN ANALYZE CREATE TEMP TABLE v AS SELECT 1",
        "LISTEN a",
        "NOTIFY a",
        "SELECT pg_notify('a', 'b')",
        "SELECT pg_export_snapshot()",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "SELECT pg_advisory_lock(1), pg_advisory_xact_lock(1)",
        "LISTEN a; UNLISTEN a",
        "VACUUM t",
        "CREATE DATABASE d",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "DROP INDEX CONCURRENTLY IF EXISTS i",
        "REINDEX TABLE CONCURRENTLY t",
        "REINDEX (CONCURRENTLY) TABLE t",
        "REINDEX SCHEMA public",
        "ALTER SYSTEM SET work_mem = '4MB'",
        "DISCARD ALL",
        "CLUSTER"
      })
  void shouldKnowWhatPostgresDoesNotPrepare(String sql) throws IOException {
    client.query("BEGIN");
    WireClient.Reply reply = client.query(sql);
    WireClient.Reply prepared = client.query("PREPARE TRANSACTION 'differential'");
    assertThat(
            reply.failed()
                || prepared.failed()
                || !prepared.tags().getFirst().startsWith("PREPARE"))
        .as("%s, then %s", reply, prepared)
        .isTrue();
    client.query("SELECT pg_advisory_unlock_all()");
    client.query("UNLISTEN *");
    assertThat(read(sql, true)).anyMatch(statement -> statement.obstacle() != null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES (9)",
        "CREATE TABLE v ()",
        "CREATE INDEX i ON t (a)",
        "SELECT a FROM t FOR UPDATE",
        "SELECT pg_advisory_xact_lock(1)",
        "DECLARE c CURSOR FOR SELECT 1",
        "SELECT a INTO v FROM t",
        "REINDEX TABLE t",
        "TRUNCATE t",
        "CALL pay()",
        "SET LOCAL handfast.tx = 'a'",
        "SAVEPOINT a",
        "LOCK t",
        "ANALYZE t",
        "DISCARD PLANS"
      })
  void shouldSeeNoObstacleWherePostgresPrepares(String sql) throws IOException {
    client.query("BEGIN");
    assertThat(client.query(sql).error()).isNull();
    assertThat(client.query("PREPARE TRANSACTION 'differential'").tags())
        .containsExactly("PREPARE TRANSACTION");
    assertThat(client.query("ROLLBACK PREPARED 'differential'").error()).isNull();
    assertThat(read(sql, true).getFirst().obstacle()).isNull();
  }

  /** What a session holds in secret stays beside: a lock of its own alone is prepared. */
  @Test
  void shouldLeaveToPostgresWhatATextDoesNotTell() throws IOException {
    client.query("BEGIN");
    String sql = "SELECT pg_advisory_lock(2)";
    client.query(sql);
    assertThat(client.query("PREPARE TRANSACTION 'differential'").error()).isNull();
    client.query("ROLLBACK PREPARED 'differential'");
    client.query("SELECT pg_advisory_unlock_all()");
    SqlObstacle obstacle = read(sql, true).getFirst().obstacle();
    assertThat(obstacle).isEqualTo(SqlObstacle.SESSION_LOCK);
    assertThat(SqlObstacle.SESSION_LOCK.certain()).isFalse();
  }
}
