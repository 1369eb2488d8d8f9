package io.handfast.proxy.postgres.sql;

import org.jspecify.annotations.Nullable;

/**
 * Says what one statement is, by its keywords as PostgreSQL's grammar reads them ({@code
 * src/backend/parser/gram.y} of 18). What the grammar would refuse may be anything: the server says
 * so. Confined to one statement.
 */
final class SqlClassifier {
  private static final SqlCommand QUERY = new SqlCommand.Query();
  private static final SqlCommand DEFINITION = new SqlCommand.Definition();
  private static final SqlCommand OTHER = new SqlCommand.Other();
  private static final SqlCommand NOTIFICATION = new SqlCommand.Notification();

  private final byte[] text;
  private final SqlSettings settings;
  private final int from;
  private final int to;
  private final SqlTokens in;

  SqlClassifier(byte[] text, int from, int to, SqlSettings settings) {
    this.text = text;
    this.settings = settings;
    this.from = from;
    this.to = to;
    this.in = new SqlTokens(text, from, to, settings);
  }

  SqlStatement statement() {
    if (in.is(SqlLexer.Token.OPEN)) {
      return query();
    }
    SqlWord first = in.word();
    return switch (first) {
      case SELECT, VALUES, TABLE, WITH, INSERT, UPDATE, DELETE, MERGE -> query();
      case BEGIN, START -> begin(first);
      case COMMIT, END -> commit(first);
      case ROLLBACK, ABORT -> rollback(first);
      case SAVEPOINT, RELEASE -> savepoint(first);
      case PREPARE -> prepare();
      case EXECUTE -> execute();
      case DEALLOCATE -> deallocate();
      case SET, RESET, SHOW, DISCARD -> setting(first);
      case DECLARE, FETCH, MOVE, CLOSE -> cursor(first);
      case LISTEN, NOTIFY, UNLISTEN -> notification(first);
      case COPY -> copy();
      case EXPLAIN -> explain();
      case CALL -> call();
      case DO -> data(QUERY, "DO", SqlEffect.MAY_WRITE, null);
      case LOCK -> lock();
      case CREATE, ALTER, DROP, TRUNCATE, CLUSTER, REINDEX, VACUUM ->
          new SqlDefinitions(in, from, to).statement();
      case COMMENT, GRANT, REVOKE, SECURITY, REASSIGN, IMPORT, REFRESH ->
          data(DEFINITION, first.name(), SqlEffect.WRITES, null);
      case ANALYZE, ANALYSE -> data(DEFINITION, "ANALYZE", SqlEffect.MAY_WRITE, null);
      case CHECKPOINT, LOAD -> quiet(OTHER, first.name());
      default -> unknown();
    };
  }

  private SqlStatement query() {
    return new SqlQueries(in, from, to).statement();
  }

  private SqlStatement data(
      SqlCommand command, String what, SqlEffect effect, @Nullable SqlObstacle obstacle) {
    return new SqlStatement(command, from, to, what, effect, true, obstacle);
  }

  /** A statement that writes nothing and names no branch. */
  private SqlStatement quiet(SqlCommand command, String what) {
    return new SqlStatement(command, from, to, what, SqlEffect.READS, false, null);
  }

  private SqlStatement unknown() {
    return data(OTHER, "a statement that is not known", SqlEffect.MAY_WRITE, null);
  }

  // Transaction control.

  private SqlStatement begin(SqlWord first) {
    in.next();
    if (first == SqlWord.START && !in.is(SqlWord.TRANSACTION)) {
      return unknown();
    }
    boolean readOnly = false;
    while (!in.ended()) {
      if (in.skip(SqlWord.READ)) {
        readOnly = in.is(SqlWord.ONLY) || (readOnly && !in.is(SqlWord.WRITE));
      }
      in.next();
    }
    return quiet(new SqlCommand.Begin(readOnly), "BEGIN");
  }

  private SqlStatement commit(SqlWord first) {
    in.next();
    if (first == SqlWord.COMMIT && in.is(SqlWord.PREPARED)) {
      return quiet(new SqlCommand.TwoPhase(SqlCommand.TwoPhase.Act.COMMIT), "COMMIT PREPARED");
    }
    return quiet(new SqlCommand.Commit(chain()), "COMMIT");
  }

  private SqlStatement rollback(SqlWord first) {
    in.next();
    if (first == SqlWord.ROLLBACK && in.is(SqlWord.PREPARED)) {
      return quiet(new SqlCommand.TwoPhase(SqlCommand.TwoPhase.Act.ROLLBACK), "ROLLBACK PREPARED");
    }
    in.skipAny(SqlWord.WORK, SqlWord.TRANSACTION);
    if (first == SqlWord.ROLLBACK && in.skip(SqlWord.TO)) {
      return savepoint(SqlCommand.Savepoint.Act.ROLLBACK_TO, "ROLLBACK TO");
    }
    return quiet(new SqlCommand.Rollback(chain()), "ROLLBACK");
  }

  /** Behind the first keyword: {@code [WORK|TRANSACTION] [AND [NO] CHAIN]}. */
  private boolean chain() {
    in.skipAny(SqlWord.WORK, SqlWord.TRANSACTION);
    return in.skip(SqlWord.AND) && in.is(SqlWord.CHAIN);
  }

  private SqlStatement savepoint(SqlWord first) {
    in.next();
    return first == SqlWord.SAVEPOINT
        ? named(SqlCommand.Savepoint.Act.SET, "SAVEPOINT")
        : savepoint(SqlCommand.Savepoint.Act.RELEASE, "RELEASE");
  }

  /** {@code [SAVEPOINT] name}, and a savepoint may be called savepoint. */
  private SqlStatement savepoint(SqlCommand.Savepoint.Act act, String what) {
    int here = in.start();
    if (in.skip(SqlWord.SAVEPOINT) && in.ended()) {
      in.seek(here);
    }
    return named(act, what);
  }

  private SqlStatement named(SqlCommand.Savepoint.Act act, String what) {
    String name = in.identifier();
    return name == null ? unknown() : quiet(new SqlCommand.Savepoint(act, name), what);
  }

  // Prepared statements.

  private SqlStatement prepare() {
    in.next();
    int here = in.start();
    if (in.skip(SqlWord.TRANSACTION)) {
      if (in.is(SqlLexer.Token.STRING)) {
        return quiet(
            new SqlCommand.TwoPhase(SqlCommand.TwoPhase.Act.PREPARE), "PREPARE TRANSACTION");
      }
      in.seek(here); // a statement may be called transaction
    }
    String name = in.identifier();
    in.skipParentheses();
    if (name == null || !in.skip(SqlWord.AS) || !isQuery()) {
      return unknown();
    }
    SqlStatement body = new SqlClassifier(text, in.start(), to, settings).statement();
    return quiet(new SqlCommand.Prepare(name, body), "PREPARE");
  }

  private SqlStatement execute() {
    in.next();
    String name = in.identifier();
    return name == null
        ? unknown()
        : data(new SqlCommand.Execute(name), "EXECUTE", SqlEffect.MAY_WRITE, null);
  }

  private SqlStatement deallocate() {
    in.next();
    int here = in.start();
    if (in.skip(SqlWord.PREPARE) && in.ended()) {
      in.seek(here); // a statement may be called prepare
    }
    String name = in.is(SqlWord.ALL) ? null : in.identifier();
    return quiet(new SqlCommand.Deallocate(name), "DEALLOCATE");
  }

  // Settings and the session.

  private SqlStatement setting(SqlWord first) {
    in.next();
    return switch (first) {
      case SET -> new SqlSets(in, from, to).set();
      case RESET -> quiet(new SqlCommand.Reset(resetName()), "RESET");
      case DISCARD -> discard();
      default -> quiet(new SqlCommand.Show(), "SHOW");
    };
  }

  private @Nullable String resetName() {
    if (in.is(SqlWord.ALL)) {
      return null;
    }
    String name = in.object();
    return name == null ? "" : name.toLowerCase(java.util.Locale.ROOT);
  }

  private SqlStatement discard() {
    SqlCommand.Discard.What what =
        switch (in.word()) {
          case PLANS -> SqlCommand.Discard.What.PLANS;
          case SEQUENCES -> SqlCommand.Discard.What.SEQUENCES;
          case TEMP, TEMPORARY -> SqlCommand.Discard.What.TEMP;
          default -> SqlCommand.Discard.What.ALL;
        };
    return new SqlStatement(
        new SqlCommand.Discard(what),
        from,
        to,
        "DISCARD " + what,
        SqlEffect.READS,
        false,
        what == SqlCommand.Discard.What.ALL ? SqlObstacle.NO_BLOCK : null);
  }

  private SqlStatement notification(SqlWord first) {
    return switch (first) {
      case UNLISTEN ->
          new SqlStatement(
              NOTIFICATION, from, to, "UNLISTEN", SqlEffect.READS, false, SqlObstacle.UNLISTEN);
      case LISTEN ->
          new SqlStatement(
              NOTIFICATION, from, to, "LISTEN", SqlEffect.READS, false, SqlObstacle.NOTIFICATION);
      default -> data(NOTIFICATION, "NOTIFY", SqlEffect.WRITES, SqlObstacle.NOTIFICATION);
    };
  }

  // What else runs in a block.

  private SqlStatement cursor(SqlWord first) {
    in.next();
    SqlCommand command =
        new SqlCommand.Cursor(
            switch (first) {
              case FETCH -> SqlCommand.Cursor.Act.FETCH;
              case MOVE -> SqlCommand.Cursor.Act.MOVE;
              case CLOSE -> SqlCommand.Cursor.Act.CLOSE;
              default -> SqlCommand.Cursor.Act.DECLARE;
            });
    if (first == SqlWord.CLOSE) {
      return quiet(command, "CLOSE");
    }
    if (first != SqlWord.DECLARE) {
      return data(command, first.name(), SqlEffect.READS, null);
    }
    boolean hold = false;
    while (!in.ended() && !in.is(SqlWord.FOR)) {
      hold |= in.skip(SqlWord.WITH) && in.is(SqlWord.HOLD);
      if (!in.is(SqlWord.FOR)) {
        in.next();
      }
    }
    in.next();
    SqlStatement query = query();
    SqlObstacle obstacle = query.obstacle();
    return data(
        command,
        "DECLARE",
        query.effect(),
        obstacle == null && hold ? SqlObstacle.HELD_CURSOR : obstacle);
  }

  private SqlStatement copy() {
    in.next();
    if (in.is(SqlLexer.Token.OPEN)) {
      SqlStatement query = query();
      return data(new SqlCommand.Copy(false), "COPY TO", query.effect(), query.obstacle());
    }
    in.skip(SqlWord.BINARY);
    String table = in.object();
    in.skipParentheses();
    boolean to = in.is(SqlWord.TO);
    return data(
        new SqlCommand.Copy(!to),
        SqlQueries.what("COPY", table),
        to ? SqlEffect.READS : SqlEffect.WRITES,
        null);
  }

  private SqlStatement explain() {
    in.next();
    boolean runs;
    if (in.is(SqlLexer.Token.OPEN) && !opensQuery()) {
      runs = explainOptions();
    } else {
      runs = in.is(SqlWord.ANALYZE) || in.is(SqlWord.ANALYSE);
      if (runs) {
        in.next();
      }
      in.skip(SqlWord.VERBOSE);
    }
    if (!runs) {
      return data(QUERY, "EXPLAIN", SqlEffect.READS, null);
    }
    boolean known =
        switch (in.word()) {
          case DECLARE, CREATE, REFRESH, EXECUTE -> true;
          default -> isQuery();
        };
    if (!known) {
      return unknown();
    }
    SqlStatement body = new SqlClassifier(text, in.start(), to, settings).statement();
    SqlCommand command = body.command() instanceof SqlCommand.Execute execute ? execute : QUERY;
    return data(command, "EXPLAIN " + body.what(), body.effect(), body.obstacle());
  }

  /** Whether the parenthesis here is a query's, and not that of options. */
  private boolean opensQuery() {
    int here = in.start();
    while (in.skip(SqlLexer.Token.OPEN)) {
      // to what is in it
    }
    boolean query = isQuery();
    in.seek(here);
    return query;
  }

  /** What PREPARE and EXPLAIN take; so neither is within itself, and this does not go deep. */
  private boolean isQuery() {
    return switch (in.word()) {
      case SELECT, VALUES, TABLE, WITH, INSERT, UPDATE, DELETE, MERGE -> true;
      default -> in.is(SqlLexer.Token.OPEN);
    };
  }

  /** Goes past {@code (ANALYZE, FORMAT JSON)}; whether the statement runs. The last one counts. */
  private boolean explainOptions() {
    boolean runs = false;
    in.next();
    while (!in.ended() && !in.is(SqlLexer.Token.CLOSE)) {
      boolean analyze = in.is(SqlWord.ANALYZE) || in.is(SqlWord.ANALYSE);
      in.next();
      if (analyze) {
        runs = !isFalse();
      }
      while (!in.ended() && !in.is(SqlLexer.Token.COMMA) && !in.is(SqlLexer.Token.CLOSE)) {
        in.next();
      }
      in.skip(SqlLexer.Token.COMMA);
    }
    in.next();
    return runs;
  }

  /** {@code false}, {@code off}, {@code 0}, with quotes or without. */
  private boolean isFalse() {
    if (in.is(SqlWord.FALSE) || in.is(SqlWord.OFF)) {
      return true;
    }
    return (in.is(SqlLexer.Token.STRING) || in.is(SqlLexer.Token.NUMBER))
        && in.value() instanceof SqlValue.Constant(String value)
        && (value.equals("0") || value.equalsIgnoreCase("false") || value.equalsIgnoreCase("off"));
  }

  private SqlStatement call() {
    in.next();
    String name = in.object();
    SqlStatement arguments = query();
    return data(QUERY, SqlQueries.what("CALL", name), SqlEffect.MAY_WRITE, arguments.obstacle());
  }

  private SqlStatement lock() {
    in.next();
    in.skip(SqlWord.TABLE);
    in.skip(SqlWord.ONLY);
    return data(new SqlCommand.Lock(), SqlQueries.what("LOCK", in.object()), SqlEffect.READS, null);
  }
}
