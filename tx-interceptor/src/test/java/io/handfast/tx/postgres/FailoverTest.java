package io.handfast.tx.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.tx.port.Databases.Completed.Done;
import io.handfast.tx.port.Databases.Completed.Failed;
import io.handfast.tx.port.Databases.Prepared;
import io.handfast.tx.port.Databases.Scan;
import io.handfast.tx.postgres.DatabaseConfig.Server;
import io.handfast.tx.postgres.Town.Block;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was prepared on a server that is gone is completed on its standby, once that takes writes.
 */
final class FailoverTest {
  @TempDir private Path directory;

  @Test
  void shouldCompleteOnTheStandbyWhenItWasPromoted() throws Exception {
    // Given
    try (PostgresServer primary = PostgresServer.start(directory.resolve("primary"))) {
      primary.execute(
          "CREATE ROLE service LOGIN",
          // Which says nothing about the server.
          "ALTER ROLE service SET default_transaction_read_only = on",
          "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY)",
          "GRANT ALL ON entry TO service");
      try (PostgresServer standby = primary.standby(directory.resolve("standby"));
          Town town =
              new Town(
                  Town.config(
                      List.of(
                          new Server("127.0.0.1", standby.port()),
                          new Server("127.0.0.1", primary.port())),
                      "service",
                      2))) {
        assertThat(town.check().ready()).isTrue(); // by the second one
        Block block;
        Block done;
        try (Connection one = primary.connect("postgres", "service");
            Connection other = primary.connect("postgres", "service")) {
          PostgresServer.execute(one, "SET default_transaction_read_only = off");
          PostgresServer.execute(other, "SET default_transaction_read_only = off");
          block = Town.begin(one);
          PostgresServer.execute(one, "PREPARE TRANSACTION '" + block.name() + "'");
          done = Town.begin(other);
          PostgresServer.execute(other, "PREPARE TRANSACTION '" + done.name() + "'");
        }
        assertThat(town.commit(done)).isEqualTo(new Done());
        await()
            .untilAsserted(() ->
                assertThat(
                        primary.query(
                            "SELECT replay_lsn = pg_current_wal_lsn()"
                                + " FROM pg_stat_replication"))
                    .containsExactly("t"));

        // When
        primary.stop();
        var early = town.commit(block);
        standby.execute("SELECT pg_promote()");

        // Then
        assertThat(early)
            .isInstanceOfSatisfying(
                Failed.class, it -> assertThat(it.reason()).startsWith("COMMIT: 08001"));
        assertThat(((Scan.Found) town.prepared()).prepared())
            .extracting(Prepared::globalId)
            .containsExactly(block.name());
        assertThat(town.commit(block)).isEqualTo(new Done());
        assertThat(town.commit(done)).isEqualTo(new Done());
        assertThat(standby.query("SELECT id FROM entry")).hasSize(2);
      }
    }
  }
}
