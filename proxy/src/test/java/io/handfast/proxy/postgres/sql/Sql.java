package io.handfast.proxy.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Texts for tests, somewhere in the middle of an array. */
final class Sql {
  private static final int BEFORE = 3;
  private static final SqlSettings BACKSLASHES = new SqlSettings(false, "UTF8");

  private Sql() {}

  static SqlScript script(String sql, SqlSettings settings) {
    byte[] bytes = ("';\"" + sql + "*/';").getBytes(StandardCharsets.UTF_8);
    return SqlScript.read(bytes, BEFORE, bytes.length - 4, settings);
  }

  static SqlScript script(String sql) {
    return script(sql, SqlSettings.DEFAULT);
  }

  static SqlScript withBackslashes(String sql) {
    return script(sql, BACKSLASHES);
  }

  static List<SqlStatement> statements(SqlScript script) {
    assertThat(script).isInstanceOf(SqlScript.Statements.class);
    return ((SqlScript.Statements) script).statements();
  }

  static SqlStatement statement(String sql) {
    List<SqlStatement> statements = statements(script(sql));
    assertThat(statements).as(sql).hasSize(1);
    return statements.getFirst();
  }

  static SqlIdentity identity(String sql) {
    return ((SqlScript.Statements) script(sql)).identity();
  }

  /** The statements of a text as they stand in it. */
  static List<String> cut(String sql, SqlScript script) {
    byte[] bytes = ("';\"" + sql).getBytes(StandardCharsets.UTF_8);
    return statements(script).stream()
        .map(s -> new String(bytes, s.from(), s.to() - s.from(), StandardCharsets.UTF_8))
        .toList();
  }

  static boolean isPlain(String sql) {
    byte[] bytes = ("';\"" + sql + ";;").getBytes(StandardCharsets.UTF_8);
    return SqlGlance.isPlain(bytes, BEFORE, bytes.length - 2);
  }
}
