package io.handfast.tx.postgres;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.port.Databases.Prepared;
import io.handfast.tx.port.Databases.Readiness;
import io.handfast.tx.port.Databases.Scan;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at a server: what is prepared there, and whether it can prepare. Thread-safe; blocks. */
final class Survey {
  private static final Logger LOG = LoggerFactory.getLogger(Survey.class);

  /** Of one scan; a megabyte of names. When these are completed, the next scan finds the others. */
  static final int MOST = 4_096;

  /**
   * What may be completed: PostgreSQL asks for the role that prepared it, whatever its rights, or
   * for a superuser, who takes up what everybody has prepared where no roles are configured.
   */
  private static final String OWN =
      """
      (owner = current_user OR owner = ANY (?::name[])
       OR (? AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)))\
      """;

  private static final String PREPARED =
      """
      SELECT gid, extract(epoch FROM clock_timestamp() - prepared) * 1000, transaction::text
      FROM pg_prepared_xacts
      WHERE starts_with(gid, 'hf1_') AND %s
      ORDER BY prepared LIMIT %d
      """
          .formatted(OWN, MOST);

  /** Of this database alone: services of others have roles and sidecars of their own. */
  private static final String OTHERS =
      """
      SELECT count(*), array_agg(DISTINCT owner ORDER BY owner) FROM pg_prepared_xacts
      WHERE starts_with(gid, 'hf1_') AND database = current_database() AND NOT %s
      """
          .formatted(OWN);

  private static final String ABILITIES =
      """
      SELECT current_setting('max_prepared_transactions')::int,
             current_setting('max_connections')::int,
             (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
             (SELECT count(*) FROM pg_stat_activity
              WHERE usename = ANY (?::name[]) AND pid <> pg_backend_pid()),
             ARRAY(SELECT name FROM unnest(?::name[]) AS name
                   WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name))\
      """;

  /** PostgreSQL shows an id of 64 bits without its epoch. */
  private static final long XID_BITS = 0xffff_ffffL;

  private final DatabaseConfig config;
  private final Pool pool;
  private final String[] roles;

  /** What was warned of last, so that it is said once. */
  private volatile String warned = "";

  /** Whose prepared transactions were found last that this sidecar may not complete. */
  private volatile String strangers = "";

  private volatile int others;

  /** Under names that the sidecar would have given to other transactions. */
  private volatile int foreign;

  private volatile String saidForeign = "";

  Survey(DatabaseConfig config, Pool pool) {
    this.config = config;
    this.pool = pool;
    this.roles =
        Stream.concat(Stream.of(config.user()), config.roles().stream())
            .distinct()
            .toArray(String[]::new);
  }

  Scan prepared() {
    try {
      return pool.with(config.database(), this::prepared);
    } catch (SQLException e) {
      return new Scan.Failed(SqlErrors.reason(e));
    }
  }

  private Scan prepared(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PREPARED)) {
      own(connection, statement);
      List<Prepared> prepared = new ArrayList<>();
      List<String> taken = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          long millis = Math.max(0, (long) rows.getDouble(2)); // the server's clock may be set back
          if (isNamedFor(rows.getString(1), rows.getString(3))) {
            prepared.add(new Prepared(rows.getString(1), Duration.ofMillis(millis)));
          } else {
            taken.add(rows.getString(1));
          }
        }
      }
      leaveAlone(taken);
      return new Scan.Found(prepared, prepared.size() + taken.size() < MOST);
    }
  }

  /** Whether a name of ours says of which transaction it is, as the sidecar's always do. */
  private static boolean isNamedFor(String name, String transaction) {
    GlobalId id = GlobalId.parse(name);
    return id == null || (id.xid() & XID_BITS) == Long.parseLong(transaction);
  }

  private void leaveAlone(List<String> names) {
    foreign = names.size();
    String now = names.toString();
    if (!names.isEmpty() && !now.equals(saidForeign)) {
      LOG.warn(
          "{} are names of other transactions than those that were prepared under them: not the sidecar's doing, left alone: database={}",
          now,
          config.name());
    }
    saidForeign = now;
  }

  private void own(Connection connection, PreparedStatement statement) throws SQLException {
    statement.setArray(1, connection.createArrayOf("name", roles));
    statement.setBoolean(2, config.roles().isEmpty());
  }

  /** Prepared transactions under names of the mesh that were found last; nobody here ends them. */
  int others() {
    return others + foreign;
  }

  private void countOthers(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(OTHERS)) {
      own(connection, statement);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        others = row.getInt(1);
        String owners = others == 0 ? "" : String.valueOf(row.getArray(2));
        if (!owners.isEmpty() && !owners.equals(strangers)) {
          strangers = owners;
          LOG.warn(
              "{} prepared transactions of the mesh are of {}, for whom {} may complete nothing: unless another sidecar does they stay, with their locks: database={}",
              others,
              owners,
              config.user(),
              config.name());
        }
      }
    }
  }

  Readiness check() {
    try {
      return pool.with(config.database(), this::check);
    } catch (SQLException e) {
      return new Readiness(
          false,
          "no server of %s that takes writes lets %s in: %s"
              .formatted(config.servers(), config.user(), SqlErrors.reason(e)));
    }
  }

  private Readiness check(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ABILITIES)) {
      Array names = connection.createArrayOf("name", roles);
      statement.setArray(1, names);
      statement.setArray(2, names);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("no answer");
        }
        int most = row.getInt(1);
        if (most == 0) {
          return new Readiness(
              false,
              ("max_prepared_transactions is 0, so nothing can be prepared: set it to at least the"
                      + " number of the service's connections (max_connections is %d) and restart"
                      + " PostgreSQL")
                  .formatted(row.getInt(2)));
        }
        if (roles.length > 1 && !row.getBoolean(3)) {
          return new Readiness(
              false,
              "%s is no superuser, and may not complete what %s prepare (expected: no roles, or a superuser)"
                  .formatted(config.user(), config.roles()));
        }
        warn(most, row.getInt(4), String.valueOf(row.getArray(5)));
        countOthers(connection);
        return new Readiness(true, "");
      }
    }
  }

  private void warn(int most, int connections, String unknown) {
    String warning = "";
    if (most < connections) {
      warning =
          "max_prepared_transactions is %d, below the %d connections of the service: PREPARE may be refused"
              .formatted(most, connections);
    } else if (!unknown.equals("{}")) {
      warning = "no role of the name " + unknown;
    }
    if (!warning.equals(warned)) {
      warned = warning;
      if (!warning.isEmpty()) {
        LOG.warn("{}: database={}", warning, config.name());
      }
    }
  }
}
