package io.handfast.proxy.postgres.sql;

import org.jspecify.annotations.Nullable;

/**
 * What a statement is. Names of objects are as PostgreSQL would keep them: in lower case unless
 * quoted, at most 63 bytes. Immutable.
 */
public sealed interface SqlCommand {

  /** BEGIN, START TRANSACTION. */
  record Begin(boolean readOnly) implements SqlCommand {}

  /** COMMIT, END; with AND CHAIN the next block begins at once. */
  record Commit(boolean chain) implements SqlCommand {}

  /** ROLLBACK, ABORT of the whole block. */
  record Rollback(boolean chain) implements SqlCommand {}

  /** SAVEPOINT, RELEASE, ROLLBACK TO. */
  record Savepoint(Savepoint.Act act, String name) implements SqlCommand {
    public enum Act {
      SET,
      RELEASE,
      ROLLBACK_TO
    }
  }

  /**
   * The service's own two-phase commit: PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED.
   */
  record TwoPhase(TwoPhase.Act act) implements SqlCommand {
    public enum Act {
      PREPARE,
      COMMIT,
      ROLLBACK
    }
  }

  /**
   * SET, and SELECT of nothing but {@code set_config}, of which this is the first that matters here
   * (handfast.tx, application_name, what {@linkplain #changesReading changes reading}), else the
   * first.
   *
   * @param name constant, in lower case, such as {@code handfast.tx}, {@code timezone}, {@code
   *     transaction}; of {@code set_config} it may be a parameter
   * @param local {@code true} and {@code false} as constants, or a parameter of {@code set_config}
   */
  record Set(SqlValue name, SqlValue value, SqlValue local) implements SqlCommand {
    /** Whether it sets what has that name, until the block's end at most. */
    public boolean sets(String setting) {
      return name instanceof SqlValue.Constant(String text) && text.equals(setting);
    }

    public boolean isLocal() {
      return local instanceof SqlValue.Constant(String text) && text.equals("true");
    }
  }

  /**
   * RESET.
   *
   * @param name null for ALL
   */
  record Reset(@Nullable String name) implements SqlCommand {}

  /** SHOW. */
  record Show() implements SqlCommand {}

  /** DISCARD. ALL cannot run in a block, and forgets prepared statements and settings. */
  record Discard(What what) implements SqlCommand {
    public enum What {
      ALL,
      PLANS,
      SEQUENCES,
      TEMP
    }
  }

  /**
   * PREPARE name AS: the name is one of those that Parse gives.
   *
   * @param body what it will execute; its range is in the same text
   */
  record Prepare(String name, SqlStatement body) implements SqlCommand {}

  /** EXECUTE, by itself, or in EXPLAIN ANALYZE or CREATE TABLE AS. */
  record Execute(String name) implements SqlCommand {}

  /**
   * DEALLOCATE.
   *
   * @param name null for ALL
   */
  record Deallocate(@Nullable String name) implements SqlCommand {}

  /** DECLARE, FETCH, MOVE, CLOSE. */
  record Cursor(Cursor.Act act) implements SqlCommand {
    public enum Act {
      DECLARE,
      FETCH,
      MOVE,
      CLOSE
    }
  }

  /** LISTEN, NOTIFY, UNLISTEN. */
  record Notification() implements SqlCommand {}

  /** COPY FROM (data comes in messages of its own, if from STDIN), COPY TO. */
  record Copy(boolean from) implements SqlCommand {}

  /** SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE, MERGE, WITH, EXPLAIN, CALL, DO. */
  record Query() implements SqlCommand {}

  /** CREATE, ALTER, DROP, TRUNCATE, GRANT and the like, inside of a block. */
  record Definition() implements SqlCommand {}

  /** LOCK. */
  record Lock() implements SqlCommand {}

  /** What cannot run in a block: VACUUM, CREATE DATABASE, CREATE INDEX CONCURRENTLY and others. */
  record OutsideOfBlock() implements SqlCommand {}

  /** Anything else, and what PostgreSQL will find to be no statement. */
  record Other() implements SqlCommand {}

  /**
   * Whether how a later text is to be read may be different once this has run; a ParameterStatus
   * tells then.
   */
  default boolean changesReading() {
    return switch (this) {
      case Set set ->
          !(set.name() instanceof SqlValue.Constant)
              || set.sets(SqlSettings.STANDARD_CONFORMING_STRINGS)
              || set.sets(SqlSettings.CLIENT_ENCODING);
      case Reset(String name) ->
          name == null
              || name.equals(SqlSettings.STANDARD_CONFORMING_STRINGS)
              || name.equals(SqlSettings.CLIENT_ENCODING);
      case Discard(Discard.What what) -> what == Discard.What.ALL;
      default -> false;
    };
  }
}
