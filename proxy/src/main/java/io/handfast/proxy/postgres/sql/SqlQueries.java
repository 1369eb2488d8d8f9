package io.handfast.proxy.postgres.sql;

import org.jspecify.annotations.Nullable;

/**
 * Statements that read and write rows: SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE, MERGE, and
 * WITH before any. Looks at all of their words, for functions and INTO may stand anywhere. Confined
 * to one statement.
 */
final class SqlQueries {
  private static final SqlCommand QUERY = new SqlCommand.Query();

  private final SqlTokens in;
  private final int from;
  private final int to;

  private SqlEffect effect = SqlEffect.READS;
  private @Nullable SqlObstacle obstacle;
  private @Nullable String object;

  /** The verb of the statement itself; {@link SqlWord#NONE} as long as WITH has not come to it. */
  private SqlWord main = SqlWord.NONE;

  /** Whether there may be more than one verb, of which any may write. */
  private boolean with;

  /** Whether rows are read from anywhere. */
  private boolean rows;

  private int depth;

  /** The keyword just before. */
  private SqlWord before = SqlWord.NONE;

  /** Whether a name is just before, which a parenthesis would call. */
  private boolean named;

  private SqlWord name = SqlWord.NONE;
  private boolean behindDot;

  /** Whether that name is one of PostgreSQL's own schema, as far as the text says. */
  private boolean own = true;

  SqlQueries(SqlTokens in, int from, int to) {
    this.in = in;
    this.from = from;
    this.to = to;
  }

  /** A command and its object, if it is known. */
  static String what(String command, @Nullable String object) {
    return object == null ? command : command + " " + object;
  }

  /** The query from the token here to the statement's end. */
  SqlStatement statement() {
    if (in.is(SqlWord.SELECT)) {
      int here = in.start();
      SqlStatement set = new SqlSets(in, from, to).setConfig();
      if (set != null) {
        return set;
      }
      in.seek(here);
    }
    if (in.is(SqlLexer.Token.OPEN)) {
      main = SqlWord.SELECT;
      with = true;
      rows = true; // as good as: no pool's validation is in parentheses
    }
    while (!in.ended()) {
      look();
      remember();
      in.next();
    }
    boolean data = main != SqlWord.SELECT || rows || effect != SqlEffect.READS || obstacle != null;
    return new SqlStatement(QUERY, from, to, what(), effect, data, obstacle);
  }

  private void look() {
    if (in.is(SqlLexer.Token.OPEN)) {
      depth++;
      if (named) {
        called();
      }
    } else if (in.is(SqlLexer.Token.CLOSE)) {
      depth--;
    } else {
      word();
    }
  }

  private void word() {
    SqlWord word = in.word();
    switch (word) {
      case SELECT, VALUES, TABLE -> {
        rows |= main != SqlWord.NONE; // a query in the query
        verb(word);
      }
      case INSERT, DELETE, MERGE, UPDATE -> changes(word);
      case SHARE -> locksRows();
      case FROM -> from();
      case INTO -> into();
      case WITH -> with = true;
      default -> {
        // says nothing by itself
      }
    }
  }

  private void verb(SqlWord word) {
    if (main == SqlWord.NONE && depth == 0) {
      main = word;
      if (word == SqlWord.TABLE || word.changesRows()) {
        object = objectBehind();
      }
    }
  }

  /** Those of rows are words of their own only in the right place; in doubt they are meant. */
  private void changes(SqlWord word) {
    if (locksRows() || before == SqlWord.WITH) {
      return; // FOR UPDATE, or what WITH calls its query
    }
    if (main == SqlWord.NONE || with) {
      effect = SqlEffect.WRITES;
    }
    verb(word);
  }

  /** FOR UPDATE and the like; the transaction gets an id for them. */
  private boolean locksRows() {
    if (before != SqlWord.FOR && before != SqlWord.KEY) {
      return false;
    }
    atLeast(SqlEffect.MAY_WRITE);
    return true;
  }

  private void from() {
    rows = true;
    if (depth == 0 && main == SqlWord.SELECT && object == null && before != SqlWord.DISTINCT) {
      object = objectBehind();
    }
  }

  private void into() {
    if (main.changesRows() || before == SqlWord.INSERT || before == SqlWord.MERGE) {
      return;
    }
    effect = SqlEffect.WRITES;
    int here = in.start();
    in.next();
    in.skipAny(SqlWord.LOCAL, SqlWord.GLOBAL);
    if (in.word().isTemporary() || in.name() == SqlWord.PG_TEMP) {
      obstacle = SqlObstacle.TEMPORARY_OBJECT;
    }
    in.seek(here);
  }

  private @Nullable String objectBehind() {
    int here = in.start();
    in.next();
    in.skipAny(SqlWord.INTO, SqlWord.FROM);
    in.skip(SqlWord.ONLY);
    String found = in.object();
    in.seek(here);
    return found;
  }

  private void called() {
    if (obstacle == null) {
      obstacle = name.obstacle();
    }
    if (!own || !name.harmlessBeforeParenthesis()) {
      atLeast(SqlEffect.MAY_WRITE);
    }
  }

  private void atLeast(SqlEffect least) {
    if (effect.compareTo(least) < 0) {
      effect = least;
    }
  }

  private void remember() {
    SqlLexer.Token token = in.token();
    before = in.word();
    if (token == SqlLexer.Token.WORD || token == SqlLexer.Token.QUOTED) {
      own |= !behindDot;
      named = true;
      name = in.name();
    } else {
      if (token == SqlLexer.Token.DOT) {
        own = named && name == SqlWord.PG_CATALOG;
      }
      named = false;
    }
    behindDot = token == SqlLexer.Token.DOT;
  }

  private String what() {
    return switch (main) {
      case INSERT -> what("INSERT INTO", object);
      case DELETE -> what("DELETE FROM", object);
      case MERGE -> what("MERGE INTO", object);
      case UPDATE, TABLE -> what(main.name(), object);
      case VALUES -> "VALUES";
      default -> object == null ? "SELECT" : "SELECT FROM " + object;
    };
  }
}
