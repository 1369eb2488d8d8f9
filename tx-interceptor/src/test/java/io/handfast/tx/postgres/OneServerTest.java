package io.handfast.tx.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.port.Databases.Completed.Done;
import io.handfast.tx.port.Databases.Completed.Failed;
import io.handfast.tx.port.Databases.Readiness;
import io.handfast.tx.port.Databases.Scan;
import io.handfast.tx.postgres.DatabaseConfig.Server;
import io.handfast.tx.postgres.Town.Block;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another server says of a transaction's id is of a stranger's transaction (T20). */
final class OneServerTest {
  private static final String WHO = "SELECT system_identifier FROM pg_control_system()";
  @TempDir private Path directory;

  @Test
  void T20_shouldBelieveNoOtherServerThanTheOneOfItsFirstConnection() throws Exception {
    // Given: two servers that both take writes, with transactions of the same ids
    try (PostgresServer own = PostgresServer.start(directory.resolve("own"));
        PostgresServer other = PostgresServer.start(directory.resolve("other"));
        Town town =
            new Town(
                Town.config(
                    List.of(
                        new Server("127.0.0.1", own.port()), new Server("127.0.0.1", other.port())),
                    "postgres",
                    2))) {
      for (PostgresServer server : List.of(own, other)) {
        server.execute("CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY)");
      }
      assertThat(town.databases.server(Town.NAME)).as("before it is asked").isEmpty();
      assertThat(town.check().ready()).isTrue();
      assertThat(own.query(WHO)).containsExactly(town.databases.server(Town.NAME));
      Block block = Town.prepare(own, "postgres", "postgres");
      other.execute("INSERT INTO entry DEFAULT VALUES");
      String committed = other.query("SELECT min(xmin::text::bigint) FROM entry").getFirst();

      // When
      own.stop();

      // Then
      Readiness readiness = town.check();
      assertThat(readiness.ready()).isFalse();
      assertThat(readiness.reason())
          .contains("another server", other.query(WHO).getFirst(), "restart this sidecar");
      assertThat(town.commit(block.name(), Long.parseLong(committed))).isInstanceOf(Failed.class);
      assertThat(town.prepared()).isInstanceOf(Scan.Failed.class);

      // When
      own.start();

      // Then
      assertThat(town.commit(block)).isEqualTo(new Done());
      assertThat(town.check().ready()).isTrue();
    }
  }

  @Test
  void shouldTakeAServerThatDoesNotTellAsTheSame() throws Exception {
    // Given
    try (PostgresServer own = PostgresServer.start(directory.resolve("own"))) {
      own.execute(
          "CREATE ROLE service LOGIN",
          "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY)",
          "GRANT ALL ON entry TO service",
          "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
      try (Town town = new Town(Town.config(own))) {
        // When
        Block block = Town.prepare(own);

        // Then
        assertThat(town.check().ready()).isTrue();
        assertThat(town.commit(block)).isEqualTo(new Done());
        assertThat(town.databases.server(Town.NAME)).isEmpty();
      }
    }
  }
}
