package io.handfast.proxy.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is passed by without a look. */
final class SqlGlanceTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT a, count(*) FROM t WHERE b = $1 AND c = 'x'", " select 1;\n",
            "UPDATE t SET a = a / 2 - -1",
        "INSERT INTO t VALUES ('it''s', $$x$$) RETURNING a", "DELETE FROM t",
            "WITH x AS (SELECT 1) SELECT 1",
        "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", "SELECT pg_sleep(1)"
      })
  void shouldPassWhatHasNothingOfInterest(String sql) {
    assertThat(Sql.isPlain(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "COMMIT",
        "/*x*/ SELECT 1",
        "-- x\nCOMMIT",
        "SELECT 1; COMMIT",
        "SELECT 1 /*traceparent='x'*/",
        "SELECT set_config('a', 'b', true)",
        "SELECT pg_notify('a', 'b')",
        "SELECT \"pg_advisory_lock\"(1)",
        "SELECT 1 INTO TEMP t",
        "SELECT 1INTO TEMP t",
        "SELECT U&\"pg\\005fnotify\"('a', 'b')",
        "CREATE TEMP TABLE t ()",
        "SET a = 1",
        "selects",
        "EXECUTE a",
        "(SELECT 1)"
      })
  void shouldNotPassWhatHasToBeRead(String sql) {
    assertThat(Sql.isPlain(sql)).isFalse();
  }

  @Test
  void shouldKnowAllWordsByTheirFirstLetter() {
    for (SqlWord word : SqlWord.values()) {
      assertThat(word.obstacle() == null || word.name().startsWith("P")).as(word.name()).isTrue();
    }
  }

  /** Whatever is passed is one query without an identity and without an obstacle. */
  @Test
  void shouldPassNothingThatReadingWouldHaveFound() {
    List<String> pieces =
        List.of(
            "SELECT",
            "WITH",
            "INSERT",
            "UPDATE",
            "INTO",
            "TEMP",
            "TABLE",
            ";",
            " ",
            " ",
            "'",
            "\"",
            "$$",
            "$a$",
            "$1",
            "\\",
            "E'",
            "U&'",
            "U&\"",
            "--",
            "\n",
            "/*",
            "*/",
            "(",
            ")",
            ",",
            ".",
            "pg_notify(",
            "1",
            "e",
            "é",
            "COMMIT",
            "set_config('handfast.tx','a',true)",
            "pg_export_snapshot",
            "FROM",
            "/*traceparent='x'*/",
            "=",
            "t");
    SplittableRandom random = new SplittableRandom(20_261_122);
    List<String> passed = new ArrayList<>();
    for (int i = 0; i < 300_000; i++) {
      StringBuilder sql = new StringBuilder(random.nextBoolean() ? "SELECT " : "UPDATE t SET a=");
      int length = random.nextInt(12);
      for (int j = 0; j < length; j++) {
        sql.append(pieces.get(random.nextInt(pieces.size())));
      }
      String text = sql.toString();
      if (Sql.isPlain(text)) {
        passed.add(text);
        for (SqlScript script : List.of(Sql.script(text), Sql.withBackslashes(text))) {
          if (script instanceof SqlScript.Statements statements) {
            assertThat(statements.identity()).as(text).isEqualTo(SqlIdentity.NONE);
            assertThat(statements.statements()).as(text).hasSize(1);
            assertThat(statements.statements().getFirst().command())
                .as(text)
                .isEqualTo(new SqlCommand.Query());
            assertThat(statements.statements().getFirst().obstacle()).as(text).isNull();
          }
        }
      }
    }
    assertThat(passed).hasSizeGreaterThan(1_000);
  }
}
