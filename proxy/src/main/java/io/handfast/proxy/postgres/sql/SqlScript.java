package io.handfast.proxy.postgres.sql;

import java.util.List;

/** The text of a Query or Parse message, read. Immutable; does not hold the text. */
public sealed interface SqlScript {

  /** Statements of one text: more than that are not read. */
  int MAX_STATEMENTS = 65_536;

  /**
   * What was read.
   *
   * @param statements those that are not empty, in their order; none of an empty query
   * @param identity what comments anywhere in the text name, behind its last semicolon too
   */
  record Statements(List<SqlStatement> statements, SqlIdentity identity) implements SqlScript {
    public Statements {
      statements = List.copyOf(statements);
    }
  }

  /**
   * PostgreSQL's scanner refuses all of the text, so nothing of it will run: something is not
   * terminated. To be passed on, for the server says it better.
   *
   * @param why for people
   */
  record Broken(String why) implements SqlScript {}

  /**
   * It cannot be told here what this text does: its encoding hides it, or it is too long a list. To
   * be refused wherever it matters.
   *
   * @param why for people
   */
  record Unreadable(String why) implements SqlScript {}

  /**
   * Reads a text as PostgreSQL's scanner would.
   *
   * @param text holds the bytes between {@code from} and {@code to}, without the NUL that ends them
   */
  static SqlScript read(byte[] text, int from, int to, SqlSettings settings) {
    return SqlReader.read(text, from, to, settings);
  }
}
