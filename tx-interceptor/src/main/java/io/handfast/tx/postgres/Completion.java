package io.handfast.tx.postgres;

import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Completed.Contradicted;
import io.handfast.tx.port.Databases.Completed.Done;
import io.handfast.tx.port.Databases.Completed.Failed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * COMMIT PREPARED and ROLLBACK PREPARED, and what is to be thought when there is nothing prepared
 * (design: "PostgreSQL, as the sidecar meets it").
 *
 * <p>A whole name is tried first as it was given. If PostgreSQL knows none such, or knows it in
 * another database, and where only the beginning of a name was given, {@code pg_prepared_xacts} is
 * asked. If nothing is there, {@code pg_xact_status} tells what became of the transaction:
 *
 * <pre>
 *                    COMMIT         ROLLBACK
 *   committed        done           contradicted
 *   aborted          contradicted   done
 *   in progress      failed         failed         PREPARE has not ended, or never will
 *   not known        contradicted   contradicted   too old, or of another server's history
 *   (no xid)         contradicted   done           a PREPARE to come is found by the next scan
 * </pre>
 *
 * So an attempt of ours whose answer was lost is done when it is repeated. All this takes for
 * granted that a failover loses nothing that was committed: replication has to be synchronous.
 *
 * <p>Thread-safe; blocks.
 */
final class Completion {
  private static final Logger LOG = LoggerFactory.getLogger(Completion.class);

  /** To the number of the block at least, and nothing that would have to be escaped. */
  private static final Pattern NAME =
      Pattern.compile("hf1_[0-9a-f]{32}_[0-9a-f]{16}_[0-9]{1,10}_[!-~&&[^'\\\\]]{0,200}");

  /** Without its decider it is the name of nothing. */
  private static final Pattern BEGINNING =
      Pattern.compile("hf1_[0-9a-f]{32}_[0-9a-f]{16}_[0-9]{1,10}_[0-9]{1,20}_?");

  /** What is done with it. */
  enum Verb {
    COMMIT("committed", "aborted"),
    ROLLBACK("aborted", "committed");

    /** What {@code pg_xact_status} says if it was done before. */
    private final String done;

    private final String undone;

    Verb(String done, String undone) {
      this.done = done;
      this.undone = undone;
    }
  }

  /** A prepared transaction, and where it is. */
  private record Found(String name, String owner, String database) {}

  private final DatabaseConfig config;
  private final Pool pool;

  /** Where the last one was: services keep to one database. */
  private volatile String likely;

  Completion(DatabaseConfig config, Pool pool) {
    this.config = config;
    this.pool = pool;
    this.likely = config.database();
  }

  Completed complete(Verb verb, String name, long xid) {
    if (!NAME.matcher(name).matches()) {
      return new Failed(
          "'" + name + "' (expected: the name of a prepared transaction, " + NAME + ")");
    }
    try {
      return attempt(verb, name, xid);
    } catch (SQLException e) {
      return new Failed(reason(verb, e));
    }
  }

  /** What became of it, judged as above; failed while something is prepared. */
  Completed became(Verb verb, String beginning, long xid) {
    try {
      List<Found> found = pool.with(likely, connection -> find(connection, beginning));
      return found.isEmpty()
          ? judge(verb, xid)
          : new Failed("'" + found.getFirst().name() + "' is prepared");
    } catch (SQLException e) {
      return new Failed(reason(verb, e));
    }
  }

  private Completed attempt(Verb verb, String name, long xid) throws SQLException {
    try {
      if (!BEGINNING.matcher(name).matches()) {
        execute(likely, verb, name);
        return new Done();
      }
    } catch (SQLException e) {
      if (!SqlErrors.is(e, SqlErrors.UNDEFINED_OBJECT)
          && !SqlErrors.is(e, SqlErrors.FEATURE_NOT_SUPPORTED)
          && !SqlErrors.is(e, SqlErrors.INSUFFICIENT_PRIVILEGE)) {
        throw e;
      }
    }
    List<Found> found = pool.with(likely, connection -> find(connection, name));
    if (found.isEmpty()) {
      return judge(verb, xid);
    }
    if (found.size() > 1) {
      return new Failed(
          "'%s': the beginning of several, %s among them (expected: of one)"
              .formatted(name, found.getFirst().name()));
    }
    Found one = found.getFirst();
    try {
      execute(one.database(), verb, one.name());
      likely = one.database();
      return new Done();
    } catch (SQLException e) {
      if (SqlErrors.is(e, SqlErrors.UNDEFINED_OBJECT)) {
        return judge(verb, xid); // somebody else was there in between
      }
      if (SqlErrors.is(e, SqlErrors.INSUFFICIENT_PRIVILEGE)) {
        return new Failed(
            "role %s may not complete what %s has prepared (expected: user: %s, or a superuser)"
                .formatted(config.user(), one.owner(), one.owner()));
      }
      throw e;
    }
  }

  private void execute(String database, Verb verb, String name) throws SQLException {
    pool.with(
        database,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute(verb + " PREPARED '" + name + "'");
            // Such as a wait for a standby that somebody has cancelled.
            for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
              LOG.warn("{} PREPARED: database={} {}", verb, config.name(), w.getMessage());
            }
            return true;
          }
        });
  }

  private static List<Found> find(Connection connection, String beginning) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT gid, owner, database FROM pg_prepared_xacts
            WHERE starts_with(gid, ?) ORDER BY gid LIMIT 2\
            """)) {
      statement.setString(1, beginning);
      List<Found> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(new Found(rows.getString(1), rows.getString(2), rows.getString(3)));
        }
      }
      return found;
    }
  }

  private Completed judge(Verb verb, long xid) throws SQLException {
    if (xid == 0) {
      return verb == Verb.ROLLBACK
          ? new Done()
          : new Contradicted("COMMIT: nothing is prepared, and the transaction's id is not known");
    }
    String status = pool.with(likely, connection -> status(connection, xid));
    if (status.equals(verb.done)) {
      return new Done();
    }
    if (status.equals(verb.undone)) {
      return new Contradicted(
          "%s: nothing is prepared, and transaction %d was %s".formatted(verb, xid, status));
    }
    if (status.equals("in progress")) {
      return new Failed("%s: transaction %d is in progress, and not prepared".formatted(verb, xid));
    }
    return new Contradicted(
        "%s: nothing is prepared, and of transaction %d the server says: %s"
            .formatted(verb, xid, status));
  }

  private static String status(Connection connection, long xid) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_xact_status(CAST(? AS xid8))")) {
      statement.setString(1, Long.toUnsignedString(xid));
      try (ResultSet rows = statement.executeQuery()) {
        String status = rows.next() ? rows.getString(1) : null;
        return status == null ? "too old to be known" : status;
      }
    } catch (SQLException e) {
      if (SqlErrors.is(e, SqlErrors.INVALID_PARAMETER_VALUE)) {
        return String.valueOf(e.getMessage()); // it is in the future: not this server's
      }
      throw e;
    }
  }

  private static String reason(Verb verb, SQLException e) {
    if (SqlErrors.is(e, SqlErrors.NOT_IN_PREREQUISITE_STATE)) {
      return verb + ": somebody completes it at this moment: " + SqlErrors.reason(e);
    }
    return verb + ": " + SqlErrors.reason(e);
  }
}
