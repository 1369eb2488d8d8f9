package io.handfast.proxy.postgres.sql;

import org.jspecify.annotations.Nullable;

/**
 * Statements that make, change and remove objects, and those that cannot be in a block. Confined to
 * one statement.
 */
final class SqlDefinitions {
  private static final SqlCommand DEFINITION = new SqlCommand.Definition();
  private static final SqlCommand OUTSIDE = new SqlCommand.OutsideOfBlock();

  private final SqlTokens in;
  private final int from;
  private final int to;

  SqlDefinitions(SqlTokens in, int from, int to) {
    this.in = in;
    this.from = from;
    this.to = to;
  }

  SqlStatement statement() {
    SqlWord first = in.word();
    in.next();
    return switch (first) {
      case CREATE -> create();
      case DROP -> drop();
      case ALTER -> alter();
      case TRUNCATE -> truncate();
      case CLUSTER -> cluster();
      case REINDEX -> reindex();
      default -> outside(first.name());
    };
  }

  private SqlStatement definition(String what, @Nullable SqlObstacle obstacle) {
    return new SqlStatement(DEFINITION, from, to, what, SqlEffect.WRITES, true, obstacle);
  }

  private SqlStatement outside(String what) {
    return new SqlStatement(OUTSIDE, from, to, what, SqlEffect.WRITES, true, SqlObstacle.NO_BLOCK);
  }

  private SqlStatement create() {
    if (in.skip(SqlWord.OR)) {
      in.skip(SqlWord.REPLACE);
    }
    in.skipAny(SqlWord.GLOBAL, SqlWord.LOCAL);
    boolean temporary = in.word().isTemporary();
    if (temporary) {
      in.next();
    }
    in.skipAny(SqlWord.UNLOGGED, SqlWord.UNIQUE);
    in.skip(SqlWord.RECURSIVE);
    SqlWord kind = in.word();
    String what = "CREATE" + kind();
    if (kind == SqlWord.DATABASE || kind == SqlWord.TABLESPACE) {
      return outside(what);
    }
    if (in.skip(SqlWord.CONCURRENTLY)) {
      return outside(what + " CONCURRENTLY");
    }
    skipIfExists();
    temporary |= in.name() == SqlWord.PG_TEMP;
    return definition(
        SqlQueries.what(what, object(kind)), temporary ? SqlObstacle.TEMPORARY_OBJECT : null);
  }

  /** {@code IF [NOT] EXISTS} */
  private void skipIfExists() {
    if (in.skip(SqlWord.IF)) {
      in.skip(SqlWord.NOT);
      in.skip(SqlWord.EXISTS);
    }
  }

  /** Goes past what sort of object it is, if that is known; with a blank before it. */
  private String kind() {
    SqlWord kind = in.word();
    return switch (kind) {
      case TABLE,
          INDEX,
          VIEW,
          SEQUENCE,
          FUNCTION,
          PROCEDURE,
          ROUTINE,
          AGGREGATE,
          SCHEMA,
          TYPE,
          EXTENSION,
          DOMAIN,
          TRIGGER,
          POLICY,
          RULE,
          ROLE,
          USER,
          GROUP,
          DATABASE,
          TABLESPACE -> {
        in.next();
        yield " " + kind;
      }
      case MATERIALIZED -> {
        in.next();
        in.skip(SqlWord.VIEW);
        yield " MATERIALIZED VIEW";
      }
      default -> "";
    };
  }

  private @Nullable String object(SqlWord kind) {
    return switch (kind) {
      case NONE -> null;
      default -> in.is(SqlWord.ON) ? null : in.object(); // an index may have no name
    };
  }

  private SqlStatement drop() {
    SqlWord kind = in.word();
    String what = "DROP" + kind();
    if (kind == SqlWord.DATABASE || kind == SqlWord.TABLESPACE) {
      return outside(what);
    }
    if (in.skip(SqlWord.CONCURRENTLY)) {
      return outside(what + " CONCURRENTLY");
    }
    skipIfExists();
    return definition(SqlQueries.what(what, object(kind)), null);
  }

  private SqlStatement alter() {
    SqlWord kind = in.word();
    if (kind == SqlWord.SYSTEM) {
      return outside("ALTER SYSTEM");
    }
    String what = "ALTER" + kind();
    skipIfExists();
    in.skip(SqlWord.ONLY);
    what = SqlQueries.what(what, object(kind));
    return movesDatabase(kind) || detachesConcurrently() ? outside(what) : definition(what, null);
  }

  /** {@code ALTER DATABASE name SET TABLESPACE} */
  private boolean movesDatabase(SqlWord kind) {
    return kind == SqlWord.DATABASE && in.skip(SqlWord.SET) && in.is(SqlWord.TABLESPACE);
  }

  /** {@code ALTER TABLE name DETACH PARTITION part CONCURRENTLY} */
  private boolean detachesConcurrently() {
    if (!in.is(SqlWord.DETACH)) {
      return false;
    }
    while (!in.ended()) {
      if (in.is(SqlWord.CONCURRENTLY)) {
        return true;
      }
      in.next();
    }
    return false;
  }

  private SqlStatement truncate() {
    in.skip(SqlWord.TABLE);
    in.skip(SqlWord.ONLY);
    return definition(SqlQueries.what("TRUNCATE", in.object()), null);
  }

  /** Of all tables only outside of a block. */
  private SqlStatement cluster() {
    in.skipParentheses();
    in.skip(SqlWord.VERBOSE);
    String table = in.object();
    return table == null ? outside("CLUSTER") : definition("CLUSTER " + table, null);
  }

  private SqlStatement reindex() {
    boolean concurrently = false;
    if (in.is(SqlLexer.Token.OPEN)) {
      while (!in.ended() && !in.is(SqlLexer.Token.CLOSE)) {
        concurrently |= in.is(SqlWord.CONCURRENTLY);
        in.next();
      }
      in.next();
    }
    SqlWord kind = in.word();
    in.next();
    concurrently |= in.is(SqlWord.CONCURRENTLY);
    boolean many = kind == SqlWord.DATABASE || kind == SqlWord.SYSTEM || kind == SqlWord.SCHEMA;
    return concurrently || many ? outside("REINDEX") : definition("REINDEX", null);
  }
}
