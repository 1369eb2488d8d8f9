package io.handfast.proxy.postgres.sql;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into statements. PostgreSQL's grammar does at each semicolon outside of parentheses
 * (only CREATE RULE may have one inside) and outside of BEGIN ATOMIC … END, the body of a function.
 * In there END ends the body where a statement could begin, and is the end of a CASE or a name
 * elsewhere. Confined to one reading.
 */
final class SqlReader {

  /** How far the tokens from a statement's begin are those of CREATE FUNCTION. */
  private enum Routine {
    BEGIN,
    CREATE,
    OR,
    REPLACE,
    YES,
    NO;

    Routine then(SqlWord word) {
      return switch (this) {
        case BEGIN -> word == SqlWord.CREATE ? CREATE : NO;
        case CREATE -> word == SqlWord.OR ? OR : isKind(word) ? YES : NO;
        case OR -> word == SqlWord.REPLACE ? REPLACE : NO;
        case REPLACE -> isKind(word) ? YES : NO;
        case YES, NO -> this;
      };
    }

    private static boolean isKind(SqlWord word) {
      return word == SqlWord.FUNCTION || word == SqlWord.PROCEDURE;
    }
  }

  private final byte[] text;
  private final SqlSettings settings;
  private final SqlCarriers carriers;
  private final SqlLexer lexer;
  private final List<SqlStatement> statements = new ArrayList<>(2);

  private Routine routine = Routine.BEGIN;
  private int parentheses;
  private int bodies;

  private SqlReader(byte[] text, int from, int to, SqlSettings settings) {
    this.text = text;
    this.settings = settings;
    this.carriers = new SqlCarriers(text);
    this.lexer = new SqlLexer(text, from, to, settings, carriers);
  }

  static SqlScript read(byte[] text, int from, int to, SqlSettings settings) {
    if (settings.asciiOnly()) {
      for (int i = from; i < to; i++) {
        if (text[i] < 0) {
          return new SqlScript.Unreadable(
              "client_encoding "
                  + settings.clientEncoding()
                  + ": text that is not ASCII cannot be read for certain");
        }
      }
    }
    return new SqlReader(text, from, to, settings).read();
  }

  private SqlScript read() {
    while (true) {
      SqlLexer.Token token = lexer.next();
      if (token == SqlLexer.Token.END) {
        break;
      }
      if (token == SqlLexer.Token.SEMICOLON) {
        continue;
      }
      if (statements.size() == SqlScript.MAX_STATEMENTS) {
        return new SqlScript.Unreadable(
            "more than " + SqlScript.MAX_STATEMENTS + " statements in one text");
      }
      int from = lexer.start();
      int to = statement();
      if (lexer.fault() != null) {
        break;
      }
      statements.add(new SqlClassifier(text, from, to, settings).statement());
    }
    String fault = lexer.fault();
    return fault == null
        ? new SqlScript.Statements(statements, carriers.found())
        : new SqlScript.Broken(fault);
  }

  /** From a statement's first token to behind its semicolon; gives where its last token ends. */
  private int statement() {
    routine = Routine.BEGIN;
    parentheses = 0;
    bodies = 0;
    int to = lexer.end();
    boolean begin = false;
    for (SqlLexer.Token token = lexer.token(); token != SqlLexer.Token.END; token = lexer.next()) {
      if (token == SqlLexer.Token.SEMICOLON && parentheses == 0) {
        if (bodies == 0) {
          return to;
        }
        routine = Routine.BEGIN;
      } else {
        begin = inside(token, begin);
      }
      to = lexer.end();
    }
    return to;
  }

  /**
   * A token that ends nothing.
   *
   * @param begin whether the one before it may begin a body
   * @return whether this one may
   */
  private boolean inside(SqlLexer.Token token, boolean begin) {
    SqlWord word = lexer.word();
    if (token == SqlLexer.Token.OPEN) {
      parentheses++;
    } else if (token == SqlLexer.Token.CLOSE) {
      parentheses = Math.max(0, parentheses - 1);
    } else if (begin && word == SqlWord.ATOMIC) {
      bodies++;
      routine = Routine.BEGIN;
      return false;
    } else if (bodies > 0 && routine == Routine.BEGIN && word == SqlWord.END) {
      bodies--;
    }
    routine = routine.then(word);
    return routine == Routine.YES && parentheses == 0 && word == SqlWord.BEGIN;
  }
}
