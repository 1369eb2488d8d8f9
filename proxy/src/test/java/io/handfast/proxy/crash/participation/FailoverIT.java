package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.crash.CrashPoint;
import io.handfast.proxy.crash.Told;
import io.handfast.proxy.crash.Training;
import io.handfast.proxy.crash.participation.Ask.Conduct;
import io.handfast.proxy.crash.participation.Cell.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The server dies on which two services have prepared, and its standby takes its place: the
 * sidecars' clusters learn that from their control plane, here a file, and their transaction
 * managers know both addresses.
 */
@Tag("full")
@Execution(ExecutionMode.CONCURRENT)
final class FailoverIT {
  private static final int PATIENCE_SECONDS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(PATIENCE_SECONDS);

  private static Cell cell(End end) {
    return new Cell(Column.DATABASES, new Fault.Behaves(Place.FRONT, Conduct.OBEY), end);
  }

  @Test
  void shouldCompleteOnTheStandbyWhatWasPreparedWhereItCameFrom() throws Exception {
    Path home = Files.createDirectories(Training.HOME.resolve("rig-failover"));
    // COMMIT and PREPARE wait for the standby, as for whom nothing that was told may be lost.
    try (PostgresServer primary =
            PostgresServer.start(home.resolve("primary"), "synchronous_standby_names=*");
        PostgresServer standby = primary.standby(home.resolve("standby"));
        Rig rig = new Rig(home, Training.jvm(), primary)) {
      // Given
      Path endpoints = home.resolve("endpoints.yaml");
      tell(endpoints, primary);
      for (Place place : Place.values()) {
        rig.configure(place, yaml -> movable(yaml, endpoints, primary, standby));
      }
      Awaitility.await("the standby follows")
          .atMost(PATIENCE)
          .until(() ->
              number(primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                  == 1);
      rig.heal();
      rig.warmUp(Column.DATABASES);
      rig.sidecar(Place.FRONT)
          .arm(CrashPoint.entry("io.handfast.tx.engine.ForcePoints", "afterDecision"), 0);

      // When: decided, told to nobody, and then the server is gone
      Cell cell = cell(End.COMMITS_UNHEARD);
      CompletableFuture<Told> told = rig.place(cell.patientRequest("failover"));
      rig.sidecar(Place.FRONT).awaitCrash();
      Told heard = told.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(number(primary, "SELECT count(*) FROM pg_prepared_xacts")).isEqualTo(2);
      primary.crash();
      standby.promote();
      tell(endpoints, standby);
      rig.moved(standby);
      rig.sidecar(Place.FRONT).restart();

      // Then: what was decided is done there, and the services go on there
      Verdict.check(rig, cell, "failover", heard);
      Cell next = cell(End.COMMITS);
      Awaitility.await("services find the standby")
          .atMost(PATIENCE)
          .until(() -> rig.place(next.patientRequest("found")).get().committed());
      Told after = rig.place(next.patientRequest("after")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      Verdict.check(rig, next, "after", after);
      assertThat(number(standby, "SELECT count(*) FROM pg_prepared_xacts")).isZero();
    }
  }

  /** The sidecar's cluster follows a file, and its manager asks whichever server takes writes. */
  private static String movable(
      String yaml, Path endpoints, PostgresServer primary, PostgresServer standby) {
    String addresses =
        "addresses: [\"127.0.0.1:%d\", \"127.0.0.1:%d\"]".formatted(primary.port(), standby.port());
    String discovered =
        """
          - name: postgres
            type: EDS
            connect_timeout: 1s
            eds_cluster_config:
              eds_config: { path_config_source: { path: "%s" } }
          - name: service
        """
            .formatted(endpoints);
    String moved =
        yaml.replace("addresses: [\"127.0.0.1:%d\"]".formatted(primary.port()), addresses)
            .replaceFirst(
                "(?s)  - name: postgres\n    type: STATIC.*?  - name: service\n", discovered);
    assertThat(moved).contains(addresses, discovered);
    return moved;
  }

  /** As a control plane would: all at once. */
  private static void tell(Path endpoints, PostgresServer server) throws IOException {
    Path written =
        Files.writeString(
            endpoints.resolveSibling("endpoints.new"),
            """
            version_info: "%1$d"
            resources:
            - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
              cluster_name: postgres
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %1$d } } }
            """
                .formatted(server.port()));
    Files.move(written, endpoints, StandardCopyOption.ATOMIC_MOVE);
  }

  private static long number(PostgresServer server, String select) throws SQLException {
    try (Connection connection = server.connect(Place.FRONT);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(select)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
