package io.handfast.proxy.postgres.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/**
 * pgjdbc of three ages, in all its ways to speak to a server, through a session to a real
 * PostgreSQL: each COMMIT of a block that wrote leaves a prepared transaction, and the driver
 * notices nothing.
 */
final class PgDriversIT {
  private static final String HF = Talk.HF;
  private static final Map<String, Driver> DRIVERS = new HashMap<>();
  private static RelayedPostgres postgres;

  /** How a driver is told to speak. */
  record Way(String version, String mode, String threshold, String autosave) {
    @Override
    public String toString() {
      return version + " " + mode + " prepareThreshold=" + threshold + " autosave=" + autosave;
    }
  }

  static List<Way> ways() {
    List<Way> ways = new ArrayList<>();
    for (String version : List.of("42.2.29", "42.7.3", "42.7.14")) {
      for (String mode :
          List.of("simple", "extended", "extendedForPrepared", "extendedCacheEverything")) {
        for (String threshold : List.of("0", "1", "5")) {
          for (String autosave : List.of("never", "conservative", "always")) {
            ways.add(new Way(version, mode, threshold, autosave));
          }
        }
      }
    }
    return ways;
  }

  @BeforeAll
  static void start() throws IOException, SQLException {
    postgres = RelayedPostgres.start();
    postgres.execute("CREATE TABLE a (id int PRIMARY KEY, x int NOT NULL)");
  }

  @AfterAll
  static void stop() throws IOException, SQLException {
    postgres.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    postgres.execute("DELETE FROM a", "INSERT INTO a VALUES (1, 0), (2, 0)");
    postgres.relay.blocks.clear();
    postgres.relay.prepared.clear();
  }

  private static Connection connect(Way way) throws Exception {
    return connect(way, "postgres", postgres.relay.port());
  }

  private static Connection connect(Way way, String user, int port) throws Exception {
    Driver driver = DRIVERS.get(way.version());
    if (driver == null) {
      URL jar =
          Path.of(
                  System.getProperty("handfast.pgjdbc", "target/pgjdbc"),
                  "postgresql-" + way.version() + ".jar")
              .toUri()
              .toURL();
      // Left open as long as its driver may be used.
      URLClassLoader loader =
          new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader());
      driver =
          Class.forName("org.postgresql.Driver", true, loader)
              .asSubclass(Driver.class)
              .getDeclaredConstructor()
              .newInstance();
      DRIVERS.put(way.version(), driver);
    }
    Properties properties = new Properties();
    properties.put("user", user);
    properties.put("preferQueryMode", way.mode());
    properties.put("prepareThreshold", way.threshold());
    properties.put("autosave", way.autosave());
    return driver.connect("jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
  }

  /** Commits what was prepared, and no more can be. */
  private static int completed() throws SQLException {
    int count = postgres.commitPrepared();
    assertThat(postgres.number("SELECT count(*) FROM pg_prepared_xacts")).isZero();
    return count;
  }

  private static long x(int id) throws SQLException {
    return postgres.number("SELECT x FROM a WHERE id = " + id);
  }

  private static void assertFails(String state, ThrowingCallable statement) {
    assertThatThrownBy(statement)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void shouldPrepareBlocks(Way way) throws Exception {
    try (Connection connection = connect(way)) {
      connection.setAutoCommit(false);
      try (PreparedStatement update =
          connection.prepareStatement("UPDATE a SET x = x + ? WHERE id = ?" + HF)) {
        for (int i = 0; i < 7; i++) {
          update.setInt(1, 1);
          update.setInt(2, 1);
          assertThat(update.executeUpdate()).isEqualTo(1);
          connection.commit();
          assertThat(completed()).isEqualTo(1);
        }
        update.setInt(1, 100);
        update.setInt(2, 1);
        update.executeUpdate();
        connection.rollback();
        update.setInt(1, 1);
        for (int i = 0; i < 3; i++) {
          update.setInt(2, 1 + i % 2);
          update.addBatch();
        }
        assertThat(update.executeBatch()).containsExactly(1, 1, 1);
        connection.commit();
        assertThat(completed()).isEqualTo(1);
      }
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT x FROM a WHERE id = 1" + HF)) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(9);
      }
      connection.commit();
    }
    assertThat(x(1)).isEqualTo(9);
    assertThat(postgres.relay.blocks)
        .containsExactly(
            "prepared",
            "prepared",
            "prepared",
            "prepared",
            "prepared",
            "prepared",
            "prepared",
            "rolledBack",
            "prepared",
            "readOnly");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void shouldWrapStatementsOutsideOfBlocks(Way way) throws Exception {
    try (Connection connection = connect(way);
        PreparedStatement update =
            connection.prepareStatement("UPDATE a SET x = x + 1 WHERE id = ?" + HF);
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < 7; i++) {
        update.setInt(1, 2);
        assertThat(update.executeUpdate()).isEqualTo(1);
        assertThat(completed()).isEqualTo(1);
      }
      statement.execute("UPDATE a SET x = 20 WHERE id = 1; UPDATE a SET x = x + 1" + HF);
      assertThat(completed()).isEqualTo(1);
      assertFails("23505", () -> statement.execute("INSERT INTO a VALUES (1, 0)" + HF));
      try (ResultSet rows = statement.executeQuery("SELECT x FROM a WHERE id = 2" + HF)) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(8);
      }
      statement.execute("BEGIN; UPDATE a SET x = x + 1 WHERE id = 1" + HF + "; COMMIT");
      assertThat(completed()).isEqualTo(1);
    }
    assertThat(x(1)).isEqualTo(22);
    assertThat(postgres.relay.blocks).endsWith("rolledBack", "readOnly", "prepared");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void shouldLeaveErrorsToTheDriver(Way way) throws Exception {
    try (Connection connection = connect(way);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.executeUpdate("UPDATE a SET x = x + 1 WHERE id = 1" + HF);
      assertFails("23505", () -> statement.execute("INSERT INTO a VALUES (1, 0)" + HF));
      if (way.autosave().equals("always")) {
        connection.commit();
        assertThat(completed()).isEqualTo(1);
        assertThat(postgres.relay.blocks).containsExactly("prepared");
      } else {
        connection.rollback();
        assertThat(postgres.relay.blocks).containsExactly("rolledBack");
      }
      statement.execute("CREATE TEMP TABLE t (x int)");
      assertFails("0A000", () -> statement.executeUpdate("UPDATE a SET x = 0" + HF));
      connection.rollback();
      try (ResultSet rows = statement.executeQuery("SELECT 1")) {
        assertThat(rows.next()).isTrue();
      }
      connection.rollback();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"42.2.29", "42.7.3", "42.7.14"})
  void shouldPrepareABlockWhoseDriverWentBackToItsSavepoint(String version) throws Exception {
    // Given: a plan that the driver keeps, of a table that changes
    postgres.execute("DROP TABLE IF EXISTS wider", "CREATE TABLE wider (id int)");
    try (Connection connection = connect(new Way(version, "extended", "1", "conservative"));
        PreparedStatement select = connection.prepareStatement("SELECT * FROM wider" + HF);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 3; i++) {
        select.executeQuery().close();
        connection.commit();
      }
      postgres.execute("ALTER TABLE wider ADD COLUMN more int");
      postgres.relay.blocks.clear();

      // When
      statement.executeUpdate("UPDATE a SET x = 1 WHERE id = 1" + HF);
      try (ResultSet rows = select.executeQuery()) {
        assertThat(rows.getMetaData().getColumnCount()).isEqualTo(2);
      }
      connection.commit();
    }

    // Then
    assertThat(postgres.relay.blocks).containsExactly("prepared");
    assertThat(completed()).isEqualTo(1);
  }

  @Test
  void shouldNotCommitWhatAForeignTableWasGiven() throws Exception {
    postgres.execute(
        "CREATE EXTENSION IF NOT EXISTS postgres_fdw",
        "CREATE SERVER IF NOT EXISTS itself FOREIGN DATA WRAPPER postgres_fdw"
            + " OPTIONS (host '127.0.0.1', port '"
            + postgres.port()
            + "', dbname 'postgres')",
        "CREATE USER MAPPING IF NOT EXISTS FOR postgres SERVER itself OPTIONS (user 'postgres')",
        "DROP FOREIGN TABLE IF EXISTS foreign_a",
        "CREATE FOREIGN TABLE foreign_a (id int, x int) SERVER itself"
            + " OPTIONS (table_name 'a')");
    try (Connection connection = connect(ways().getLast());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      assertThat(statement.executeUpdate("UPDATE foreign_a SET x = 7 WHERE id = 1" + HF))
          .isEqualTo(1);
      assertFails("0A000", connection::commit);
    }
    assertThat(x(1)).isZero();
    assertThat(postgres.relay.blocks)
        .hasSize(1)
        .first()
        .asString()
        .startsWith("failed PREPARE TRANSACTION was refused");
  }

  @Test
  void shouldNotCommitWhatAHeldCursorWrites() throws Exception {
    postgres.execute(
        "CREATE FUNCTION book(int) RETURNS int LANGUAGE sql AS"
            + " $$INSERT INTO a VALUES ($1, 0) RETURNING id$$");
    String cursor = "DECLARE c CURSOR WITH HOLD FOR SELECT book(3)";
    try (Connection connection = connect(ways().getLast());
        Statement statement = connection.createStatement()) {
      // When
      connection.setAutoCommit(false);
      statement.executeQuery("SELECT x FROM a" + HF).close();
      statement.execute(cursor);

      // Then
      assertFails("0A000", connection::commit);

      // When
      connection.setAutoCommit(true);

      // Then
      assertFails("0A000", () -> statement.execute(cursor + HF));
    }
    assertThat(postgres.number("SELECT count(*) FROM a")).isEqualTo(2);
    assertThat(postgres.relay.blocks)
        .hasSize(2)
        .allSatisfy(
            block -> assertThat(block).startsWith("failed PREPARE TRANSACTION was refused"));
  }

  @Test
  void shouldNotCommitWhatAHeldCursorWritesBehindAView() throws Exception {
    postgres.execute(
        "CREATE FUNCTION enter(int) RETURNS int LANGUAGE sql AS"
            + " $$INSERT INTO a VALUES ($1, 0) RETURNING id$$",
        "CREATE VIEW entered AS SELECT enter(i) FROM generate_series(4, 6) i",
        "CREATE VIEW counted AS SELECT i FROM generate_series(4, 6) i");
    String cursor = "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM entered";
    Way plain = ways().getFirst();
    Way savepoints = ways().getLast();
    for (String sql : List.of(cursor, "DO 'BEGIN EXECUTE ''" + cursor + "''; END'")) {
      for (Way way : List.of(plain, savepoints)) {
        try (Connection connection = connect(way);
            Statement statement = connection.createStatement()) {
          // When
          connection.setAutoCommit(false);
          statement.execute(sql + HF);

          // Then
          assertFails(way.equals(plain) ? "25006" : "0A000", connection::commit);
        }
      }
    }
    assertThat(postgres.number("SELECT count(*) FROM a")).isEqualTo(2);
    assertThat(postgres.relay.blocks)
        .hasSize(4)
        .allSatisfy(block -> assertThat(block).startsWith("failed"));

    // When
    try (Connection connection = connect(plain);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("DECLARE c CURSOR WITH HOLD FOR SELECT * FROM counted" + HF);
      statement.execute("COMMIT AND CHAIN");

      // Then
      assertThat(statement.executeUpdate("UPDATE a SET x = 1 WHERE id = 1" + HF)).isEqualTo(1);
      connection.commit();
      try (ResultSet rows = statement.executeQuery("FETCH ALL FROM c")) {
        assertThat(rows.next()).isTrue();
      }
    }
    assertThat(postgres.relay.blocks).endsWith("readOnly", "prepared");
    assertThat(completed()).isEqualTo(1);
  }

  @Test
  void shouldPrepareTheLargeObjectsOfABlockThatHandfastTxNames() throws Exception {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + postgres.relay.port() + "/postgres",
                "postgres",
                "");
        Statement statement = connection.createStatement()) {
      // When
      connection.setAutoCommit(false);
      statement.execute("SET LOCAL handfast.tx = '" + Talk.BRANCH + "'");
      LargeObjectManager objects = connection.unwrap(PGConnection.class).getLargeObjectAPI();
      long made = objects.createLO();
      try (LargeObject object = objects.open(made)) {
        object.write(new byte[100_000]);
      }
      connection.commit();

      // Then
      assertThat(largeObjects()).isZero();
      assertThat(completed()).isEqualTo(1);
      assertThat(largeObjects()).isEqualTo(1);
      assertThat(postgres.relay.blocks).containsExactly("prepared");
    }
  }

  private static long largeObjects() throws SQLException {
    return postgres.number("SELECT count(*) FROM pg_largeobject_metadata");
  }

  /** Whether a connection prepares an UPDATE; if not, that is refused. */
  private static boolean prepares(Connection connection, SessionRelay through) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.executeUpdate("UPDATE a SET x = x + 1 WHERE id = 1" + HF);
      connection.commit();
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("0A000");
      assertThat(through.prepared).isEmpty();
      assertThat(completed()).isZero();
      return false;
    }
    postgres.relay.prepared.add(through.prepared.remove());
    assertThat(completed()).isEqualTo(1);
    return true;
  }

  @Test
  void shouldAskNothingThatTheServicesRoleMayNot() throws Exception {
    try (SessionRelay narrow = new SessionRelay(postgres.port(), "hardened")) {
      // Given: another server than the sidecar's, which it cannot tell
      narrow.identifier = "1";
      postgres.execute("CREATE ROLE hardened LOGIN");
      postgres.execute("GRANT ALL ON a TO hardened");
      postgres.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");

      // When, Then
      for (Way way : List.of(ways().getFirst(), ways().getLast())) {
        try (Connection connection = connect(way, "hardened", narrow.port())) {
          assertThat(prepares(connection, narrow)).as("it may not ask").isTrue();
          assertThat(prepares(connection, narrow)).as("it may not ask").isTrue();
        }
      }
      postgres.execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
      for (Way way : List.of(ways().getFirst(), ways().getLast())) {
        try (Connection connection = connect(way, "hardened", narrow.port())) {
          assertThat(prepares(connection, narrow)).as("it may ask").isFalse();
        }
      }
    }
  }

  @Test
  void shouldPrepareForASuperuserAsLongAsItIsOne() throws Exception {
    try (SessionRelay wide = new SessionRelay(postgres.port(), "The \"boss\"")) {
      // Given
      postgres.execute("CREATE ROLE worker LOGIN");
      postgres.execute("GRANT ALL ON a TO worker");
      postgres.execute("REVOKE SELECT ON pg_roles FROM PUBLIC");
      try (Connection connection = connect(ways().getFirst(), "worker", wide.port())) {
        // When, Then
        assertThat(prepares(connection, wide)).as("there is no such role").isFalse();
        postgres.execute("CREATE ROLE \"The \"\"boss\"\"\" SUPERUSER");
        assertThat(prepares(connection, wide)).as("a superuser").isTrue();
        postgres.execute("ALTER ROLE \"The \"\"boss\"\"\" NOSUPERUSER");
        postgres.execute("GRANT pg_write_all_data, pg_read_all_data TO \"The \"\"boss\"\"\"");
        assertThat(prepares(connection, wide)).as("no superuser any more").isFalse();
      } finally {
        postgres.execute("GRANT SELECT ON pg_roles TO PUBLIC");
      }
    }
  }

  @Test
  void shouldPrepareNothingThatTheSidecarCouldNotComplete() throws Exception {
    postgres.execute(
        "CREATE ROLE tenant",
        "CREATE ROLE service LOGIN IN ROLE tenant",
        "GRANT ALL ON a TO tenant",
        "CREATE FUNCTION become(name) RETURNS text LANGUAGE sql AS"
            + " $$SELECT set_config('role', $1, true)$$");
    try (SessionRelay narrow = new SessionRelay(postgres.port(), "service");
        Connection connection = connect(ways().getLast(), "service", narrow.port());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SET LOCAL ROLE tenant");
      statement.executeUpdate("UPDATE a SET x = x + 1 WHERE id = 1" + HF);

      // When, Then
      assertFails("0A000", connection::commit);
      assertThat(narrow.prepared).isEmpty();
      assertThat(completed()).isZero();

      // When: a function changes it behind the question
      statement.executeUpdate("UPDATE a SET x = x + 1 WHERE id = 1" + HF);
      statement.execute("SELECT become('tenant')");

      // Then
      assertFails("0A000", connection::commit);
      assertThat(narrow.prepared).isEmpty();
      assertThat(completed()).isZero();

      // When
      statement.executeUpdate("UPDATE a SET x = x + 1 WHERE id = 1" + HF);
      statement.execute("SELECT become('service')");
      connection.commit();

      // Then
      assertThat(narrow.prepared).hasSize(1);
      postgres.relay.prepared.addAll(narrow.prepared);
      assertThat(completed()).isEqualTo(1);
    }
    assertThat(x(1)).isEqualTo(1);
  }
}
