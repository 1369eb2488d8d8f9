package io.handfast.proxy.postgres.sql;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Words that say something about a statement, found without making a string of them. Three sorts in
 * one list, for they are looked up in one way: keywords, keywords and functions of PostgreSQL's own
 * that may stand before a parenthesis without a chance of a write, and functions that PREPARE does
 * not like.
 */
enum SqlWord {
  NONE,
  // Commands.
  ABORT,
  ALTER,
  ANALYSE,
  ANALYZE,
  BEGIN,
  CALL,
  CHECKPOINT,
  CLOSE,
  CLUSTER,
  COMMENT,
  COMMIT,
  COPY,
  CREATE,
  DEALLOCATE,
  DECLARE,
  DELETE,
  DISCARD,
  DO,
  DROP,
  END,
  EXECUTE,
  EXPLAIN,
  FETCH,
  GRANT,
  IMPORT,
  INSERT,
  LISTEN,
  LOAD,
  LOCK,
  MERGE,
  MOVE,
  NOTIFY,
  PREPARE,
  REASSIGN,
  REFRESH,
  REINDEX,
  RELEASE,
  RESET,
  REVOKE,
  ROLLBACK,
  SAVEPOINT,
  SECURITY,
  SELECT(Before.HARMLESS),
  SET(Before.HARMLESS),
  SHOW,
  START,
  TABLE,
  TRUNCATE,
  UNLISTEN,
  UPDATE,
  VACUUM,
  VALUES(Before.HARMLESS),
  WITH,
  // What else commands are told by.
  ALL(Before.HARMLESS),
  AND(Before.HARMLESS),
  AS(Before.HARMLESS),
  ATOMIC,
  AUTHORIZATION,
  BINARY,
  CHAIN,
  CHARACTERISTICS,
  CONCURRENTLY,
  CONSTRAINTS,
  DATABASE,
  DEFAULT,
  DETACH,
  DISTINCT(Before.HARMLESS),
  EXISTS(Before.HARMLESS),
  FALSE,
  FOR,
  FROM(Before.HARMLESS),
  FULL,
  FUNCTION,
  GLOBAL,
  HOLD,
  IF,
  IN(Before.HARMLESS),
  INDEX,
  INTO,
  KEY,
  LOCAL,
  MATERIALIZED(Before.HARMLESS),
  NAMES,
  NO,
  NOT(Before.HARMLESS),
  OFF,
  ONLY(Before.HARMLESS),
  OR(Before.HARMLESS),
  PG_CATALOG,
  PG_TEMP,
  PLANS,
  PREPARED,
  PROCEDURE,
  READ,
  RECURSIVE,
  REPLACE(Before.HARMLESS),
  ROLE,
  SCHEMA,
  SEQUENCE,
  SEQUENCES,
  SESSION,
  SHARE,
  SYSTEM,
  TABLESPACE,
  TEMP,
  TEMPORARY,
  TIME,
  TO,
  TRANSACTION,
  TYPE,
  UNIQUE,
  UNLOGGED,
  VIEW,
  WORK,
  WRITE,
  ZONE,
  EXTENSION,
  DOMAIN,
  TRIGGER,
  USER,
  VERBOSE,
  GROUP(Before.HARMLESS),
  POLICY,
  RULE,
  AGGREGATE,
  ROUTINE,
  // May stand before a parenthesis.
  ANY(Before.HARMLESS),
  ARRAY(Before.HARMLESS),
  BETWEEN(Before.HARMLESS),
  BY(Before.HARMLESS),
  CASE(Before.HARMLESS),
  CAST(Before.HARMLESS),
  CHAR(Before.HARMLESS),
  COALESCE(Before.HARMLESS),
  CROSS(Before.HARMLESS),
  CUBE(Before.HARMLESS),
  DECIMAL(Before.HARMLESS),
  ELSE(Before.HARMLESS),
  EXCEPT(Before.HARMLESS),
  EXTRACT(Before.HARMLESS),
  FILTER(Before.HARMLESS),
  FIRST(Before.HARMLESS),
  GREATEST(Before.HARMLESS),
  GROUPING(Before.HARMLESS),
  HAVING(Before.HARMLESS),
  ILIKE(Before.HARMLESS),
  INTERSECT(Before.HARMLESS),
  INTERVAL(Before.HARMLESS),
  JOIN(Before.HARMLESS),
  LATERAL(Before.HARMLESS),
  LEAST(Before.HARMLESS),
  LIKE(Before.HARMLESS),
  LIMIT(Before.HARMLESS),
  NEXT(Before.HARMLESS),
  NULLIF(Before.HARMLESS),
  NUMERIC(Before.HARMLESS),
  OFFSET(Before.HARMLESS),
  ON(Before.HARMLESS),
  OVER(Before.HARMLESS),
  OVERLAY(Before.HARMLESS),
  POSITION(Before.HARMLESS),
  RETURNING(Before.HARMLESS),
  ROLLUP(Before.HARMLESS),
  ROW(Before.HARMLESS),
  SETS(Before.HARMLESS),
  SOME(Before.HARMLESS),
  SUBSTRING(Before.HARMLESS),
  THEN(Before.HARMLESS),
  TIMESTAMP(Before.HARMLESS),
  TRIM(Before.HARMLESS),
  UNION(Before.HARMLESS),
  USING(Before.HARMLESS),
  VARCHAR(Before.HARMLESS),
  WHEN(Before.HARMLESS),
  WHERE(Before.HARMLESS),
  WINDOW(Before.HARMLESS),
  WITHIN(Before.HARMLESS),
  // Functions that write nothing.
  ABS(Before.HARMLESS),
  AGE(Before.HARMLESS),
  ARRAY_AGG(Before.HARMLESS),
  AVG(Before.HARMLESS),
  BOOL_AND(Before.HARMLESS),
  BOOL_OR(Before.HARMLESS),
  CEIL(Before.HARMLESS),
  CONCAT(Before.HARMLESS),
  COUNT(Before.HARMLESS),
  CURRENT_DATABASE(Before.HARMLESS),
  CURRENT_SCHEMA(Before.HARMLESS),
  CURRENT_SCHEMAS(Before.HARMLESS),
  CURRENT_SETTING(Before.HARMLESS),
  CURRENT_TIMESTAMP(Before.HARMLESS),
  DATE_PART(Before.HARMLESS),
  DATE_TRUNC(Before.HARMLESS),
  DENSE_RANK(Before.HARMLESS),
  FLOOR(Before.HARMLESS),
  FORMAT(Before.HARMLESS),
  FORMAT_TYPE(Before.HARMLESS),
  GENERATE_SERIES(Before.HARMLESS),
  JSON_AGG(Before.HARMLESS),
  JSON_BUILD_OBJECT(Before.HARMLESS),
  JSONB_AGG(Before.HARMLESS),
  JSONB_BUILD_OBJECT(Before.HARMLESS),
  LAG(Before.HARMLESS),
  LEAD(Before.HARMLESS),
  LENGTH(Before.HARMLESS),
  LOWER(Before.HARMLESS),
  MAX(Before.HARMLESS),
  MIN(Before.HARMLESS),
  MOD(Before.HARMLESS),
  NOW(Before.HARMLESS),
  PG_BACKEND_PID(Before.HARMLESS),
  PG_GET_EXPR(Before.HARMLESS),
  PG_IS_IN_RECOVERY(Before.HARMLESS),
  PG_TABLE_IS_VISIBLE(Before.HARMLESS),
  RANK(Before.HARMLESS),
  ROUND(Before.HARMLESS),
  ROW_NUMBER(Before.HARMLESS),
  STRING_AGG(Before.HARMLESS),
  SUM(Before.HARMLESS),
  TO_CHAR(Before.HARMLESS),
  TO_DATE(Before.HARMLESS),
  TO_NUMBER(Before.HARMLESS),
  TO_TIMESTAMP(Before.HARMLESS),
  UNNEST(Before.HARMLESS),
  UPPER(Before.HARMLESS),
  VERSION(Before.HARMLESS),
  // Functions that matter.
  SET_CONFIG,
  PG_NOTIFY(SqlObstacle.NOTIFICATION),
  PG_EXPORT_SNAPSHOT(SqlObstacle.EXPORTED_SNAPSHOT),
  PG_ADVISORY_LOCK(SqlObstacle.SESSION_LOCK),
  PG_ADVISORY_LOCK_SHARED(SqlObstacle.SESSION_LOCK),
  PG_TRY_ADVISORY_LOCK(SqlObstacle.SESSION_LOCK),
  PG_TRY_ADVISORY_LOCK_SHARED(SqlObstacle.SESSION_LOCK);

  /** What a word may be before a parenthesis. */
  private enum Before {
    /** Nothing that writes, or nothing known. */
    HARMLESS,
    UNKNOWN
  }

  /** A power of two with room to spare, so that most words are found or missed at once. */
  private static final int SLOTS = 1_024;

  private static final SqlWord[] TABLE_OF_WORDS = table();

  private final Before before;
  private final @Nullable SqlObstacle obstacle;

  SqlWord() {
    this(Before.UNKNOWN, null);
  }

  SqlWord(Before before) {
    this(before, null);
  }

  SqlWord(SqlObstacle obstacle) {
    this(Before.UNKNOWN, obstacle);
  }

  SqlWord(Before before, @Nullable SqlObstacle obstacle) {
    this.before = before;
    this.obstacle = obstacle;
  }

  /** Whether it may stand before a parenthesis without that something is called that may write. */
  boolean harmlessBeforeParenthesis() {
    return before == Before.HARMLESS;
  }

  @Nullable SqlObstacle obstacle() {
    return obstacle;
  }

  boolean isTemporary() {
    return this == TEMP || this == TEMPORARY;
  }

  /** Whether a statement that begins with it writes rows. */
  boolean changesRows() {
    return switch (this) {
      case INSERT, UPDATE, DELETE, MERGE -> true;
      default -> false;
    };
  }

  /** The word between two offsets, letters of ASCII in either case; {@link #NONE} if not here. */
  static SqlWord of(byte[] text, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + upper(text[i]);
    }
    for (int slot = slot(hash); ; slot = (slot + 1) & (SLOTS - 1)) {
      SqlWord word = TABLE_OF_WORDS[slot];
      if (word == NONE || word.is(text, from, to)) {
        return word;
      }
    }
  }

  private boolean is(byte[] text, int from, int to) {
    String name = name();
    if (to - from != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (upper(text[from + i]) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static byte upper(byte b) {
    return b >= 'a' && b <= 'z' ? (byte) (b - ('a' - 'A')) : b;
  }

  private static int slot(int hash) {
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }

  private static SqlWord[] table() {
    SqlWord[] table = new SqlWord[SLOTS];
    Arrays.fill(table, NONE);
    for (SqlWord word : values()) {
      if (word != NONE) {
        int hash = 0;
        for (int i = 0; i < word.name().length(); i++) {
          hash = hash * 31 + word.name().charAt(i);
        }
        int slot = slot(hash);
        while (table[slot] != NONE) {
          slot = (slot + 1) & (SLOTS - 1);
        }
        table[slot] = word;
      }
    }
    return table;
  }
}
