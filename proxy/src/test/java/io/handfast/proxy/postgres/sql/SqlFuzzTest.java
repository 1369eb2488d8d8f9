package io.handfast.proxy.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/**
 * Any bytes as a text: statements lie in it one behind another, each is the same when it is read
 * alone, and what is passed at a glance has nothing in it. The first byte chooses the settings.
 */
final class SqlFuzzTest {
  private static final List<SqlSettings> SETTINGS =
      List.of(
          SqlSettings.DEFAULT,
          new SqlSettings(false, "UTF8"),
          new SqlSettings(true, "LATIN1"),
          new SqlSettings(true, "SJIS"));

  @FuzzTest(maxDuration = "10m")
  void shouldReadTheSameStatementsInPieces(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    SqlSettings settings = SETTINGS.get(bytes[0] & 3);
    SqlScript script = SqlScript.read(bytes, 1, bytes.length, settings);
    boolean plain = SqlGlance.isPlain(bytes, 1, bytes.length);
    if (script
        instanceof SqlScript.Statements(List<SqlStatement> statements, SqlIdentity identity)) {
      int end = 1;
      for (SqlStatement statement : statements) {
        assertThat(statement.from()).isGreaterThanOrEqualTo(end);
        assertThat(statement.to()).isGreaterThan(statement.from());
        end = statement.to();
        alone(bytes, statement, settings);
      }
      assertThat(end).isLessThanOrEqualTo(bytes.length);
      if (plain) {
        assertThat(identity).isEqualTo(SqlIdentity.NONE);
        assertThat(statements).hasSize(1);
        assertThat(statements.getFirst().command()).isEqualTo(new SqlCommand.Query());
        assertThat(statements.getFirst().obstacle()).isNull();
      }
    }
  }

  private static void alone(byte[] bytes, SqlStatement statement, SqlSettings settings) {
    SqlScript script = SqlScript.read(bytes, statement.from(), statement.to(), settings);
    assertThat(script).isInstanceOf(SqlScript.Statements.class);
    assertThat(((SqlScript.Statements) script).statements()).containsExactly(statement);
    assertThat(statement.what()).doesNotContain("\n").hasSizeLessThan(400);
  }
}
