package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.crash.Settlement;
import io.handfast.proxy.crash.SidecarProcess;
import io.handfast.proxy.crash.Told;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * What must hold when all runs again: nobody is in doubt, nothing is prepared, no lock is left, no
 * decision was reversed, and what the transaction did is there everywhere exactly once, or nowhere,
 * as its client was told.
 */
final class Verdict {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long DEPOSIT = 1_000_000;

  private Verdict() {}

  static void check(Rig rig, Cell cell, String key, Told told) throws SQLException {
    awaitRest(rig);
    assertThat(cell.end().allows(told)).as("the client's answer: %s", told).isTrue();
    effects(rig, cell, key, told);
  }

  /** The same, but for whether all is at rest and what the client was told to expect. */
  static void effects(Rig rig, Cell cell, String key, Told told) throws SQLException {
    List<Boolean> effects = new ArrayList<>();
    effects.add(effect(rig, Place.FRONT, cell.column().front(), key, cell));
    for (Mode mode : cell.column().back()) {
      effects.add(effect(rig, Place.BACK, mode, key, cell));
    }
    List<Boolean> seen = effects.stream().distinct().toList();
    boolean committed = cell.end().commits().orElse(effects.getFirst());
    // What only reads has an effect in neither case.
    assertThat(seen).as("AC1: effects at the front, then at the back").isSubsetOf(committed);
    assertThat(told.committed() && !committed).as("told a commit that is not there").isFalse();
    assertThat(told.aborted() && committed).as("told aborted what is there").isFalse();
    for (Place place : Place.values()) {
      nothingIsLeft(rig, place);
    }
  }

  /** Waits until no sidecar and no service has anything to do, and nothing is prepared. */
  static void awaitRest(Rig rig) {
    for (Place place : Place.values()) {
      Settlement.awaitLoad(rig.sidecar(place), SidecarProcess.Load.NONE);
    }
    Awaitility.await("nothing is prepared, and no transaction of the database is open")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> open(rig), open -> open == 0);
  }

  private static long open(Rig rig) throws SQLException {
    try (Connection connection = rig.database().connect(Place.FRONT)) {
      return number(
          connection,
          """
          SELECT (SELECT count(*) FROM pg_prepared_xacts)
               + (SELECT count(*) FROM pg_stat_activity
                  WHERE usename = 'app' AND state <> 'idle')\
          """);
    }
  }

  /** Whether it is there, or what the column's transaction would have there if it were. */
  private static boolean effect(Rig rig, Place place, Mode mode, String key, Cell cell)
      throws SQLException {
    try (Connection connection = rig.database().connect(place)) {
      return switch (mode) {
        case DATABASE -> {
          long bookings =
              number(connection, "SELECT count(*) FROM bookings WHERE key = '" + key + "'");
          assertThat(bookings).as("%s: exactly once, or never", place).isLessThan(2);
          yield bookings == 1;
        }
        case CALLBACK, RECORDED ->
            number(
                    connection,
                    "SELECT count(*) FROM reservations WHERE state = 'confirmed' AND key = '"
                        + key
                        + "'")
                == 1;
        case READ_ONLY, LOOK -> cell.end().commits().orElse(false);
      };
    }
  }

  static void nothingIsLeft(Rig rig, Place place) throws SQLException {
    try (Connection connection = rig.database().connect(place)) {
      assertThat(number(connection, "SELECT count(*) FROM reservations WHERE state = 'reserved'"))
          .as("%s: left reserved", place)
          .isZero();
      assertThat(number(connection, "SELECT count(*) FROM reversals"))
          .as("%s: AC2, reversals", place)
          .isZero();
      assertThat(
              number(
                  connection,
                  "SELECT (SELECT sum(balance) FROM accounts) + (SELECT count(*) FROM bookings)"))
          .as("%s: every cent", place)
          .isEqualTo(DEPOSIT);
      // Throws if somebody holds one.
      number(
          connection,
          "SELECT count(*) FROM (SELECT id FROM accounts FOR UPDATE NOWAIT) AS unlocked");
      number(
          connection,
          "SELECT count(*) FROM (SELECT key FROM reservations FOR UPDATE NOWAIT) AS unlocked");
    }
  }

  private static long number(Connection connection, String select) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(select)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
