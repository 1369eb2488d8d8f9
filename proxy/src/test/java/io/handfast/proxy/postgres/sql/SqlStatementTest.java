package io.handfast.proxy.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.postgres.sql.SqlCommand.Cursor;
import io.handfast.proxy.postgres.sql.SqlCommand.Discard;
import io.handfast.proxy.postgres.sql.SqlCommand.Savepoint;
import io.handfast.proxy.postgres.sql.SqlCommand.TwoPhase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a statement is, by its keywords. */
final class SqlStatementTest {

  private static SqlCommand command(String sql) {
    return Sql.statement(sql).command();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEGIN", "begin work", "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE",
        "START TRANSACTION", "/*x*/ BEGIN -- y", "BEGIN READ ONLY, READ WRITE"
      })
  void shouldKnowBegin(String sql) {
    assertThat(command(sql)).isEqualTo(new SqlCommand.Begin(false));
    assertThat(Sql.statement(sql).data()).isFalse();
  }

  @Test
  void shouldKnowThatABlockOnlyReads() {
    assertThat(command("BEGIN READ ONLY")).isEqualTo(new SqlCommand.Begin(true));
    assertThat(command("START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY, DEFERRABLE"))
        .isEqualTo(new SqlCommand.Begin(true));
    assertThat(command("BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ"))
        .isEqualTo(new SqlCommand.Begin(true));
  }

  @ParameterizedTest
  @CsvSource({
    "COMMIT, false",
    "commit work, false",
    "COMMIT TRANSACTION, false",
    "END, false",
    "end work, false",
    "COMMIT AND CHAIN, true",
    "END TRANSACTION AND CHAIN, true",
    "COMMIT AND NO CHAIN, false",
    "CoMmIt /*a*/ AND -- b, false"
  })
  void shouldKnowCommit(String sql, boolean chain) {
    assertThat(command(sql)).isEqualTo(new SqlCommand.Commit(chain));
  }

  @ParameterizedTest
  @CsvSource({
    "ROLLBACK, false",
    "ABORT, false",
    "rollback work, false",
    "ABORT TRANSACTION, false",
    "ROLLBACK AND CHAIN, true",
    "ABORT WORK AND CHAIN, true",
    "ROLLBACK AND NO CHAIN, false"
  })
  void shouldKnowRollback(String sql, boolean chain) {
    assertThat(command(sql)).isEqualTo(new SqlCommand.Rollback(chain));
  }

  @ParameterizedTest
  @CsvSource({
    "SAVEPOINT a, SET, a",
    "SAVEPOINT \"A b\", SET, A b",
    "SAVEPOINT savepoint, SET, savepoint",
    "RELEASE a, RELEASE, a",
    "RELEASE SAVEPOINT A, RELEASE, a",
    "RELEASE savepoint, RELEASE, savepoint",
    "ROLLBACK TO a, ROLLBACK_TO, a",
    "ROLLBACK WORK TO SAVEPOINT a, ROLLBACK_TO, a",
    "ROLLBACK TRANSACTION TO savepoint, ROLLBACK_TO, savepoint"
  })
  void shouldKnowSavepoints(String sql, Savepoint.Act act, String name) {
    assertThat(command(sql)).isEqualTo(new Savepoint(act, name));
    assertThat(Sql.statement(sql).data()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "PREPARE TRANSACTION 'a', PREPARE",
    "COMMIT PREPARED 'a', COMMIT",
    "ROLLBACK PREPARED 'a', ROLLBACK"
  })
  void shouldKnowTheServicesOwnTwoPhaseCommit(String sql, TwoPhase.Act act) {
    assertThat(command(sql)).isEqualTo(new TwoPhase(act));
  }

  @Test
  void shouldKnowPreparedStatements() {
    assertThat(command("PREPARE a (int, text) AS UPDATE t SET x = $1"))
        .isInstanceOfSatisfying(
            SqlCommand.Prepare.class,
            prepare -> {
              assertThat(prepare.name()).isEqualTo("a");
              assertThat(prepare.body().effect()).isEqualTo(SqlEffect.WRITES);
              assertThat(prepare.body().what()).isEqualTo("UPDATE t");
            });
    assertThat(command("PREPARE transaction AS SELECT 1")).isInstanceOf(SqlCommand.Prepare.class);
    assertThat(command("PREPARE a AS COMMIT")).isInstanceOf(SqlCommand.Other.class);
    assertThat(command("EXECUTE \"a\"\"B\"(1, 2)")).isEqualTo(new SqlCommand.Execute("a\"B"));
    assertThat(command("EXPLAIN (ANALYZE) EXECUTE a")).isEqualTo(new SqlCommand.Execute("a"));
    assertThat(command("DEALLOCATE a")).isEqualTo(new SqlCommand.Deallocate("a"));
    assertThat(command("DEALLOCATE PREPARE A")).isEqualTo(new SqlCommand.Deallocate("a"));
    assertThat(command("DEALLOCATE PREPARE")).isEqualTo(new SqlCommand.Deallocate("prepare"));
    assertThat(command("DEALLOCATE ALL")).isEqualTo(new SqlCommand.Deallocate(null));
    assertThat(command("DEALLOCATE PREPARE ALL")).isEqualTo(new SqlCommand.Deallocate(null));
    assertThat(command("DEALLOCATE \"all\"")).isEqualTo(new SqlCommand.Deallocate("all"));
  }

  @Test
  void shouldKeepNamesAsPostgresDoes() {
    String name = "a".repeat(62);
    assertThat(command("EXECUTE " + name + "Bc")).isEqualTo(new SqlCommand.Execute(name + "b"));
    assertThat(command("EXECUTE " + name + "éc")).isEqualTo(new SqlCommand.Execute(name));
    assertThat(command("EXECUTE É")).isEqualTo(new SqlCommand.Execute("É"));
  }

  private static SqlCommand.Set set(String name, String value, boolean local) {
    return new SqlCommand.Set(
        new SqlValue.Constant(name),
        new SqlValue.Constant(value),
        new SqlValue.Constant(String.valueOf(local)));
  }

  @Test
  void shouldKnowSettingsWithTheirValues() {
    assertThat(command("SET LOCAL handfast.tx = 'a'")).isEqualTo(set("handfast.tx", "a", true));
    assertThat(command("set local Handfast.\"TX\" to 'it''s'"))
        .isEqualTo(set("handfast.tx", "it's", true));
    assertThat(command("SET handfast.tx = $$a$$")).isEqualTo(set("handfast.tx", "a", false));
    assertThat(command("SET SESSION handfast.tx = E'\\'\\n'"))
        .isEqualTo(set("handfast.tx", "'\n", false));
    assertThat(command("SET application_name='_DD_00-a'\n'b'"))
        .isEqualTo(set("application_name", "_DD_00-ab", false));
    assertThat(command("SET extra_float_digits = 3"))
        .isEqualTo(set("extra_float_digits", "3", false));
    assertThat(command("SET search_path TO a, b")).isEqualTo(set("search_path", "a, b", false));
    assertThat(command("SET local = 1")).isEqualTo(set("local", "1", false));
    assertThat(command("SET NAMES 'SJIS'")).isEqualTo(set("client_encoding", "SJIS", false));
    assertThat(((SqlCommand.Set) command("SET LOCAL handfast.tx TO DEFAULT")).value())
        .isEqualTo(new SqlValue.Other());
    assertThat(((SqlCommand.Set) command("SET LOCAL handfast.tx = E'\\x41'")).value())
        .isEqualTo(new SqlValue.Other());
    assertThat(((SqlCommand.Set) command("SET TRANSACTION READ ONLY")).sets("transaction"))
        .isTrue();
    assertThat(((SqlCommand.Set) command("SET TIME ZONE 'UTC'")).sets("timezone")).isTrue();
    assertThat(((SqlCommand.Set) command("SET CONSTRAINTS ALL DEFERRED")).sets("constraints"))
        .isTrue();
    assertThat(command("RESET ALL")).isEqualTo(new SqlCommand.Reset(null));
    assertThat(command("RESET Application_Name"))
        .isEqualTo(new SqlCommand.Reset("application_name"));
    assertThat(command("SHOW TRANSACTION ISOLATION LEVEL")).isEqualTo(new SqlCommand.Show());
  }

  @Test
  void shouldKnowSetConfigAsASetting() {
    assertThat(command("SELECT set_config('handfast.tx', 'a', true)"))
        .isEqualTo(set("handfast.tx", "a", true));
    assertThat(command("select pg_catalog.SET_CONFIG('TimeZone', 'UTC'::text, 'off') AS x"))
        .isEqualTo(set("timezone", "UTC", false));
    assertThat(command("SELECT set_config($1, $2::text, $3)"))
        .isEqualTo(
            new SqlCommand.Set(
                new SqlValue.Parameter(1), new SqlValue.Parameter(2), new SqlValue.Parameter(3)));
    assertThat(
            command("SELECT set_config('a', 'b', false), set_config('handfast.tx', 'c', true) y"))
        .isEqualTo(set("handfast.tx", "c", true));
    assertThat(command("SELECT set_config('handfast.tx', 'a', true) FROM t"))
        .isEqualTo(new SqlCommand.Query());
    assertThat(command("SELECT 1, set_config('handfast.tx', 'a', true)"))
        .isEqualTo(new SqlCommand.Query());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SET standard_conforming_strings = off | true",
        "SET client_encoding TO 'SJIS' | true",
        "SET NAMES 'SJIS' | true",
        "RESET ALL | true",
        "RESET client_encoding | true",
        "DISCARD ALL | true",
        "SELECT set_config('client_encoding', 'SJIS', false) | true",
        "SELECT set_config($1, $2, false) | true",
        "SELECT set_config('handfast.tx', 'a', true), set_config('client_encoding', 'SJIS', true) | true",
        "SET application_name = 'a' | false",
        "RESET TimeZone | false",
        "SELECT 1 | false",
        "DISCARD PLANS | false"
      })
  void shouldKnowWhatChangesHowTheNextTextIsRead(String sql, boolean changes) {
    assertThat(command(sql).changesReading()).isEqualTo(changes);
  }

  @ParameterizedTest
  @CsvSource({
    "DISCARD ALL, ALL",
    "DISCARD PLANS, PLANS",
    "DISCARD TEMP, TEMP",
    "DISCARD TEMPORARY, TEMP",
    "DISCARD SEQUENCES, SEQUENCES"
  })
  void shouldKnowDiscard(String sql, Discard.What what) {
    assertThat(command(sql)).isEqualTo(new Discard(what));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE accounts SET x = 1 | UPDATE accounts | WRITES",
        "UPDATE ONLY shop.\"Orders\" o SET x = 1 | UPDATE shop.Orders | WRITES",
        "INSERT INTO t (a, b) VALUES (f(1), 2) | INSERT INTO t | WRITES",
        "INSERT INTO t SELECT * FROM u ON CONFLICT DO UPDATE SET a = 1 | INSERT INTO t | WRITES",
        "DELETE FROM t USING u WHERE t.a = u.a | DELETE FROM t | WRITES",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE | MERGE INTO t | WRITES",
        "SELECT a, count(*) FROM t WHERE b IN (1, 2) GROUP BY a | SELECT FROM t | READS",
        "SELECT a IS DISTINCT FROM b FROM t | SELECT FROM t | READS",
        "SELECT extract(year FROM a) FROM s.t | SELECT FROM s.t | READS",
        "SELECT a FROM t FOR UPDATE | SELECT FROM t | MAY_WRITE",
        "SELECT a FROM t FOR NO KEY UPDATE | SELECT FROM t | MAY_WRITE",
        "SELECT a FROM t FOR KEY SHARE SKIP LOCKED | SELECT FROM t | MAY_WRITE",
        "SELECT withdraw(1) FROM t | SELECT FROM t | MAY_WRITE",
        "SELECT my.count(1) FROM t | SELECT FROM t | MAY_WRITE",
        "SELECT pg_catalog.count(1) FROM t | SELECT FROM t | READS",
        "SELECT nextval('s') | SELECT | MAY_WRITE",
        "SELECT \"withdraw\" (1) | SELECT | MAY_WRITE",
        "SELECT a INTO b FROM t | SELECT FROM t | WRITES",
        "(SELECT a FROM t) UNION (SELECT 1) | SELECT | READS",
        "VALUES (1), (2) | VALUES | READS",
        "TABLE t | TABLE t | READS",
        "WITH x AS (SELECT 1) SELECT * FROM x | SELECT FROM x | READS",
        "WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x | SELECT FROM x | WRITES",
        "WITH RECURSIVE x AS NOT MATERIALIZED (SELECT 1) INSERT INTO t SELECT * FROM x | INSERT INTO t | WRITES",
        "WITH x AS (WITH y AS (SELECT 1) UPDATE t SET a = 1 RETURNING a) TABLE x | TABLE x | WRITES",
        "WITH update AS (SELECT 1) SELECT * FROM x | SELECT FROM x | READS",
        "WITH x AS (SELECT a FROM t FOR UPDATE) SELECT * FROM x | SELECT FROM x | MAY_WRITE",
        "CALL pay(1, 2) | CALL pay | MAY_WRITE",
        "DO $$ BEGIN END $$ | DO | MAY_WRITE",
        "EXECUTE a | EXECUTE | MAY_WRITE",
        "EXPLAIN UPDATE t SET a = 1 | EXPLAIN | READS",
        "EXPLAIN ANALYZE VERBOSE UPDATE t SET a = 1 | EXPLAIN UPDATE t | WRITES",
        "EXPLAIN (ANALYZE, FORMAT JSON) DELETE FROM t | EXPLAIN DELETE FROM t | WRITES",
        "EXPLAIN (ANALYZE off, COSTS) DELETE FROM t | EXPLAIN | READS",
        "EXPLAIN (ANALYZE 'false') DELETE FROM t | EXPLAIN | READS",
        "EXPLAIN (ANALYZE false, ANALYZE) DELETE FROM t | EXPLAIN DELETE FROM t | WRITES",
        "EXPLAIN (SELECT 1) | EXPLAIN | READS",
        "COPY t (a, b) FROM STDIN | COPY t | WRITES",
        "COPY t TO STDOUT | COPY t | READS",
        "COPY (SELECT a FROM t) TO STDOUT | COPY TO | READS",
        "COPY (WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x) TO STDOUT | COPY TO | WRITES",
        "COPY (DELETE FROM t RETURNING a) TO STDOUT | COPY TO | WRITES",
        "LOCK TABLE t IN SHARE MODE | LOCK t | READS",
        "DECLARE c CURSOR FOR SELECT a FROM t FOR UPDATE | DECLARE | MAY_WRITE",
        "FETCH 10 FROM c | FETCH | READS",
        "TRUNCATE TABLE ONLY a, b | TRUNCATE a | WRITES",
        "CREATE TABLE IF NOT EXISTS s.t (a int) | CREATE TABLE s.t | WRITES",
        "CREATE UNIQUE INDEX ON t (a) | CREATE INDEX | WRITES",
        "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS '' | CREATE FUNCTION f | WRITES",
        "CREATE MATERIALIZED VIEW v AS SELECT 1 | CREATE MATERIALIZED VIEW v | WRITES",
        "ALTER TABLE IF EXISTS ONLY t ADD b int | ALTER TABLE t | WRITES",
        "DROP TABLE IF EXISTS t, u | DROP TABLE t | WRITES",
        "GRANT SELECT ON t TO u | GRANT | WRITES",
        "REFRESH MATERIALIZED VIEW v | REFRESH | WRITES",
        "FROBNICATE t | a statement that is not known | MAY_WRITE"
      })
  void shouldTellWhatItIsForPeopleAndWhetherItWrites(String sql, String what, SqlEffect effect) {
    SqlStatement statement = Sql.statement(sql);
    assertThat(statement.what()).isEqualTo(what);
    assertThat(statement.effect()).isEqualTo(effect);
    assertThat(statement.data()).isTrue();
  }

  @Test
  void shouldNotShowValuesOrBreakALine() {
    assertThat(Sql.statement("UPDATE \"a\nb\" SET secret = 'x'").what()).isEqualTo("UPDATE ab");
    assertThat(Sql.statement("CALL pay('secret')").what()).doesNotContain("secret");
    assertThat(Sql.statement("SELECT set_config('a\n" + "b".repeat(999) + "', '', true)").what())
        .startsWith("SET ab")
        .hasSizeLessThan(130);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEGIN",
        "COMMIT",
        "SET x = 1",
        "SHOW x",
        "SELECT set_config('TimeZone', 'UTC', false)",
        "SELECT 1",
        "SELECT 'x' AS y",
        "SELECT version()",
        "select pg_catalog.version()",
        "SELECT current_schema()",
        "SELECT CURRENT_TIMESTAMP",
        "SAVEPOINT a",
        "DISCARD ALL",
        "DEALLOCATE a",
        "CLOSE c",
        "LISTEN a",
        "PREPARE a AS UPDATE t SET x = 1"
      })
  void T4_shouldNotTakeForDataWhatPoolsAndDriversSendForThemselves(String sql) {
    assertThat(Sql.statement(sql).data()).isFalse();
    assertThat(Sql.statement(sql).effect()).isEqualTo(SqlEffect.READS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT a FROM t",
        "SELECT (SELECT 1)",
        "SELECT f()",
        "SELECT 1 INTO t",
        "TABLE t",
        "VALUES (1)",
        "SELECT pg_advisory_xact_lock(1)",
        "NOTIFY a",
        "CREATE TABLE t ()",
        "UNKNOWN"
      })
  void T4_shouldTakeForDataWhatMayMatter(String sql) {
    assertThat(Sql.statement(sql).data()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE TEMP TABLE t (a int) | TEMPORARY_OBJECT",
        "CREATE LOCAL TEMPORARY TABLE t AS SELECT 1 | TEMPORARY_OBJECT",
        "CREATE OR REPLACE TEMP VIEW v AS SELECT 1 | TEMPORARY_OBJECT",
        "CREATE TEMP SEQUENCE s | TEMPORARY_OBJECT",
        "CREATE TABLE pg_temp.t (a int) | TEMPORARY_OBJECT",
        "SELECT a INTO TEMP b FROM t | TEMPORARY_OBJECT",
        "SELECT a INTO LOCAL TEMPORARY TABLE b FROM t | TEMPORARY_OBJECT",
        "SELECT 1 INTO pg_temp.t | TEMPORARY_OBJECT",
        "EXPLAIN ANALYZE CREATE TEMP TABLE t AS SELECT 1 | TEMPORARY_OBJECT",
        "LISTEN a | NOTIFICATION",
        "NOTIFY a, 'b' | NOTIFICATION",
        "SELECT pg_notify('a', 'b') | NOTIFICATION",
        "INSERT INTO t SELECT \"pg_catalog\".\"pg_notify\" ('a', 'b') | NOTIFICATION",
        "UNLISTEN * | UNLISTEN",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1 | HELD_CURSOR",
        "DECLARE c BINARY NO SCROLL CURSOR WITH HOLD FOR SELECT 1 | HELD_CURSOR",
        "SELECT pg_export_snapshot() | EXPORTED_SNAPSHOT",
        "SELECT pg_advisory_lock(1) | SESSION_LOCK",
        "SELECT pg_try_advisory_lock_shared(1, 2) FROM t | SESSION_LOCK",
        "CALL f(pg_advisory_lock(1)) | SESSION_LOCK",
        "VACUUM | NO_BLOCK",
        "CREATE DATABASE d | NO_BLOCK",
        "DROP DATABASE d | NO_BLOCK",
        "CREATE INDEX CONCURRENTLY i ON t (a) | NO_BLOCK",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a) | NO_BLOCK",
        "DROP INDEX CONCURRENTLY i | NO_BLOCK",
        "REINDEX TABLE CONCURRENTLY t | NO_BLOCK",
        "REINDEX (VERBOSE, CONCURRENTLY) TABLE t | NO_BLOCK",
        "REINDEX SCHEMA s | NO_BLOCK",
        "CLUSTER | NO_BLOCK",
        "ALTER SYSTEM SET x = 1 | NO_BLOCK",
        "ALTER DATABASE d SET TABLESPACE s | NO_BLOCK",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY | NO_BLOCK",
        "CREATE TABLESPACE s LOCATION '/x' | NO_BLOCK",
        "DISCARD ALL | NO_BLOCK"
      })
  void shouldKnowWhatPostgresCannotPrepare(String sql, SqlObstacle obstacle) {
    assertThat(Sql.statement(sql).obstacle()).isEqualTo(obstacle);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE temp (a int)",
        "SELECT temp INTO t FROM x",
        "DECLARE c CURSOR WITHOUT HOLD FOR SELECT 1",
        "SELECT pg_advisory_xact_lock(1)",
        "SELECT pg_notify FROM t",
        "SELECT 'pg_notify('",
        "CLUSTER t",
        "REINDEX TABLE t",
        "DECLARE c CURSOR FOR WITH hold AS (SELECT 1) SELECT * FROM hold",
        "ANALYZE t",
        "ALTER DATABASE d SET x = 1",
        "EXPLAIN SELECT pg_notify('a', 'b')"
      })
  void shouldNotTakeForAnObstacleWhatOnlyLooksLikeOne(String sql) {
    assertThat(Sql.statement(sql).obstacle()).isNull();
  }

  @Test
  void shouldKnowCursorsCopyAndNotifications() {
    assertThat(command("DECLARE c CURSOR FOR SELECT 1")).isEqualTo(new Cursor(Cursor.Act.DECLARE));
    assertThat(command("FETCH c")).isEqualTo(new Cursor(Cursor.Act.FETCH));
    assertThat(command("MOVE c")).isEqualTo(new Cursor(Cursor.Act.MOVE));
    assertThat(command("CLOSE ALL")).isEqualTo(new Cursor(Cursor.Act.CLOSE));
    assertThat(command("COPY t FROM STDIN")).isEqualTo(new SqlCommand.Copy(true));
    assertThat(command("COPY BINARY t TO STDOUT")).isEqualTo(new SqlCommand.Copy(false));
    assertThat(command("COPY (SELECT 1) TO STDOUT")).isEqualTo(new SqlCommand.Copy(false));
    assertThat(command("UNLISTEN *")).isEqualTo(new SqlCommand.Notification());
    assertThat(command("LOCK t")).isEqualTo(new SqlCommand.Lock());
    assertThat(command("VACUUM FULL t")).isEqualTo(new SqlCommand.OutsideOfBlock());
    assertThat(command("CHECKPOINT")).isEqualTo(new SqlCommand.Other());
  }
}
