package io.handfast.proxy.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where PostgreSQL's scanner ends statements, strings and comments. */
final class SqlScriptTest {

  private static void cuts(String sql, String... expected) {
    assertThat(Sql.cut(sql, Sql.script(sql))).as(sql).containsExactly(expected);
  }

  @Test
  void shouldCutAtSemicolonsAndLeaveOutWhatIsEmpty() {
    cuts("");
    cuts(" ;; \n\t\f\u000b; ");
    cuts("SELECT 1", "SELECT 1");
    cuts(" ;SELECT 1 ;; COMMIT; ", "SELECT 1", "COMMIT");
    cuts("-- nothing\n/* nothing */;", new String[0]);
  }

  @Test
  void shouldCutWithoutTheCommentsAroundAStatement() {
    cuts("/*a*/ UPDATE t /*b*/ SET x = 1 /*c*/ ; /*d*/", "UPDATE t /*b*/ SET x = 1");
    cuts("--x\nCOMMIT--y", "COMMIT");
    cuts("--x\rCOMMIT--y\r;BEGIN", "COMMIT", "BEGIN");
  }

  @Test
  void shouldNotCutInCommentsHoweverTheyAreNested() {
    cuts("SELECT 1 /* ; /* ; */ ; */; COMMIT", "SELECT 1", "COMMIT");
    cuts("SELECT 1 /*/ ; */; COMMIT", "SELECT 1", "COMMIT");
    cuts("SELECT 1 /**/; COMMIT /***/", "SELECT 1", "COMMIT");
    cuts("SELECT 1 /* //* ; */ ; */; COMMIT", "SELECT 1", "COMMIT");
    cuts("SELECT 1 /* /*/ ; */ ; */; COMMIT", "SELECT 1", "COMMIT");
    cuts("SELECT 1 -- ; /* \n; COMMIT", "SELECT 1", "COMMIT");
  }

  @Test
  void shouldFindCommentsInTheMidstOfOperators() {
    cuts("SELECT 1 +-- ;\n 2; COMMIT", "SELECT 1 +-- ;\n 2", "COMMIT");
    cuts("SELECT 1 */* ; */ 2; COMMIT", "SELECT 1 */* ; */ 2", "COMMIT");
    cuts("SELECT 1 @--'\n 2; COMMIT", "SELECT 1 @--'\n 2", "COMMIT");
    cuts("SELECT a->'b', c#>>'{;}'; COMMIT", "SELECT a->'b', c#>>'{;}'", "COMMIT");
    cuts("SELECT 1 - -2; COMMIT", "SELECT 1 - -2", "COMMIT");
  }

  @Test
  void shouldNotCutInStrings() {
    cuts("SELECT ';'; COMMIT", "SELECT ';'", "COMMIT");
    cuts("SELECT 'it''s;'; COMMIT", "SELECT 'it''s;'", "COMMIT");
    cuts("SELECT '/*'; COMMIT; --*/'", "SELECT '/*'", "COMMIT");
    cuts("SELECT '--'; COMMIT", "SELECT '--'", "COMMIT");
    cuts("SELECT N';', B'1;', X';', U&';'; COMMIT", "SELECT N';', B'1;', X';', U&';'", "COMMIT");
    cuts(
        "SELECT \";\", \"a\"\";\", U&\";\"; COMMIT", "SELECT \";\", \"a\"\";\", U&\";\"", "COMMIT");
  }

  @Test
  void shouldTakeABackslashForWhatStandardConformingStringsSays() {
    String sql = "SELECT '\\'; COMMIT; --'";
    cuts(sql, "SELECT '\\'", "COMMIT");
    assertThat(Sql.cut(sql, Sql.withBackslashes(sql))).containsExactly("SELECT '\\'; COMMIT; --'");

    cuts("SELECT E'\\'; COMMIT; --'", "SELECT E'\\'; COMMIT; --'");
    cuts("SELECT e'\\\\'; COMMIT", "SELECT e'\\\\'", "COMMIT");
    cuts("SELECT U&'\\'; COMMIT", "SELECT U&'\\'", "COMMIT");
    cuts("SELECT B'\\'; COMMIT", "SELECT B'\\'", "COMMIT");
    String bits = "SELECT B'\\'; COMMIT";
    assertThat(Sql.cut(bits, Sql.withBackslashes(bits))).containsExactly("SELECT B'\\'", "COMMIT");
    cuts("SELECT $$\\$$; COMMIT", "SELECT $$\\$$", "COMMIT");
  }

  @Test
  void shouldGoOnWithAStringBehindALineEndInItsOwnStyle() {
    cuts("SELECT 'a'\n';'; COMMIT", "SELECT 'a'\n';'", "COMMIT");
    cuts("SELECT E'a'\n'\\';'; COMMIT", "SELECT E'a'\n'\\';'", "COMMIT");
    cuts(
        "SELECT E'a' -- x '\n  -- y\n '\\';'; COMMIT",
        "SELECT E'a' -- x '\n  -- y\n '\\';'",
        "COMMIT");
    // On the same line, or behind a block comment, it is another string.
    cuts("SELECT E'a' '\\'; COMMIT; --'", "SELECT E'a' '\\'", "COMMIT");
    cuts("SELECT E'a' /*\n*/ '\\'; COMMIT; --'", "SELECT E'a' /*\n*/ '\\'", "COMMIT");
  }

  @Test
  void shouldTakeALetterForAPrefixOnlyWhereItStandsAlone() {
    cuts("SELECT ae'\\'; COMMIT; --'", "SELECT ae'\\'", "COMMIT");
    cuts("SELECT u & '\\'; COMMIT; --'", "SELECT u & '\\'", "COMMIT");
    cuts("SELECT é'\\'; COMMIT; --'", "SELECT é'\\'", "COMMIT");
    cuts("SELECT 1 ,e'\\'; COMMIT; --'", "SELECT 1 ,e'\\'; COMMIT; --'");
  }

  @Test
  void shouldNotCutInDollarQuotes() {
    cuts("SELECT $$;$$; COMMIT", "SELECT $$;$$", "COMMIT");
    cuts("SELECT $a$ $$;$$ $b$;$b$ $a $a$; COMMIT", "SELECT $a$ $$;$$ $b$;$b$ $a $a$", "COMMIT");
    cuts("SELECT $é1$;$é1$; COMMIT", "SELECT $é1$;$é1$", "COMMIT");
    cuts("SELECT $a$;$A$;$a$; COMMIT", "SELECT $a$;$A$;$a$", "COMMIT");
    cuts("SELECT $a$;$a$a$; COMMIT", "SELECT $a$;$a$a$", "COMMIT");
  }

  @Test
  void shouldNotTakeEveryDollarForAQuote() {
    cuts("SELECT $1;$2; COMMIT", "SELECT $1", "$2", "COMMIT");
    cuts("SELECT a$b$; COMMIT; --$b$", "SELECT a$b$", "COMMIT");
    cuts("SELECT $ ; $ ; COMMIT", "SELECT $", "$", "COMMIT");
    cuts("SELECT $1$a$;$a$; COMMIT", "SELECT $1$a$;$a$", "COMMIT");
    cuts("SELECT 1$a$;$a$; COMMIT", "SELECT 1$a$;$a$", "COMMIT");
    cuts("SELECT $$;$1$;$$; COMMIT", "SELECT $$;$1$;$$", "COMMIT");
  }

  @Test
  void shouldNotCutInParenthesesAsRulesHaveThem() {
    String rule = "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)";
    cuts(rule + "; COMMIT", rule, "COMMIT");
    cuts("SELECT 1); COMMIT", "SELECT 1)", "COMMIT");
  }

  @Test
  void shouldNotCutInABodyOfAFunctionThatIsSql() {
    String function =
        "CREATE OR REPLACE FUNCTION f(a int DEFAULT (1)) RETURNS int BEGIN ATOMIC "
            + "SELECT CASE WHEN true THEN 1 END; SELECT 1 AS end; SELECT 2 END; ; END";
    cuts(function + "; COMMIT", function, "COMMIT");
    String procedure = "CREATE PROCEDURE p() BEGIN /**/ ATOMIC END";
    cuts(procedure + "; END", procedure, "END");
    String nested =
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC CREATE FUNCTION g() RETURNS int "
            + "BEGIN ATOMIC SELECT 1; END; END";
    cuts(nested + "; COMMIT", nested, "COMMIT");
  }

  @Test
  void shouldCutBehindWhatOnlyLooksLikeABody() {
    cuts("BEGIN; SELECT 1; END", "BEGIN", "SELECT 1", "END");
    cuts("SELECT begin atomic; COMMIT", "SELECT begin atomic", "COMMIT");
    cuts("CREATE TABLE t (begin int); COMMIT", "CREATE TABLE t (begin int)", "COMMIT");
    String begin = "CREATE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql AS ';'";
    cuts(begin + "; COMMIT", begin, "COMMIT");
    String body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin atomic FROM t; END";
    cuts(body + "; COMMIT", body, "COMMIT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'a",
        "SELECT E'a\\'",
        "SELECT \"a",
        "SELECT $$a$ $",
        "SELECT $a$;$b$",
        "/*",
        "/* /* */",
        "COMMIT /*",
        "COMMIT; SELECT '",
        "U&'"
      })
  void shouldSayThatPostgresRefusesAllOfItWhenSomethingDoesNotEnd(String sql) {
    assertThat(Sql.script(sql)).isInstanceOf(SqlScript.Broken.class);
  }

  @Test
  void shouldSayThatPostgresRefusesUnicodeEscapesWhenStringsDoNotConform() {
    assertThat(Sql.withBackslashes("SELECT U&'a'")).isInstanceOf(SqlScript.Broken.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SHIFT_JIS_2004", "NEW"})
  void shouldReadOnlyAsciiWhenASecondByteMayBeAQuoteOrABackslash(String encoding) {
    SqlSettings settings = SqlSettings.DEFAULT.parameter("client_encoding", encoding);
    assertThat(Sql.script("UPDATE t SET a = 'b'", settings))
        .isInstanceOf(SqlScript.Statements.class);
    assertThat(Sql.script("UPDATE t SET a = 'é'", settings))
        .isInstanceOf(SqlScript.Unreadable.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UTF8",
        "SQL_ASCII",
        "LATIN1",
        "LATIN10",
        "ISO_8859_5",
        "WIN1252",
        "WIN866",
        "KOI8R",
        "EUC_JP",
        "EUC_JIS_2004",
        "EUC_KR",
        "MULE_INTERNAL"
      })
  void shouldReadAllBytesWhenAllOfACharactersAreAboveAscii(String encoding) {
    SqlSettings settings = SqlSettings.DEFAULT.parameter("client_encoding", encoding);
    assertThat(Sql.script("UPDATE t SET a = 'é'", settings))
        .isInstanceOf(SqlScript.Statements.class);
  }

  @Test
  void shouldNotReadListsWithoutEnd() {
    assertThat(Sql.script("a;".repeat(SqlScript.MAX_STATEMENTS)))
        .isInstanceOf(SqlScript.Statements.class);
    assertThat(Sql.script("a;".repeat(SqlScript.MAX_STATEMENTS + 1)))
        .isInstanceOf(SqlScript.Unreadable.class);
  }

  /** What would take hours, or a stack, if it took more than one look at each byte. */
  @Test
  void shouldReadInOnePassWhenATextIsMadeToHurt() {
    int many = 100_000;
    for (String piece :
        List.of(
            "/*",
            "*/",
            "(",
            "((",
            "'",
            "''",
            "$",
            "$$",
            "$a",
            "$a$",
            "\"",
            "E'\\",
            "- -",
            "--\n",
            "'\n",
            "'a'\n",
            "EXPLAIN ANALYZE ",
            "PREPARE a AS ",
            "EXPLAIN ANALYZE (",
            "WITH ",
            "a(",
            "/*traceparent=",
            "/*traceparent='",
            "/*%",
            "BEGIN ATOMIC ",
            "1",
            ".1",
            "1e",
            "::a",
            "a.",
            "IF EXISTS ",
            "SET ",
            "set_config(",
            "U&\"",
            "INTO ",
            "FROM ",
            "DISTINCT FROM ")) {
      for (String head :
          List.of("", "SELECT ", "WITH a AS (", "CREATE FUNCTION ", "$x$", "/*", "SET a=")) {
        String sql = head + piece.repeat(many / piece.length());
        assertThat(Sql.script(sql)).isNotNull();
        Sql.isPlain(sql);
      }
    }
  }
}
