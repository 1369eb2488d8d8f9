package io.handfast.tx.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Scan;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who asks is answered whatever breaks: else nothing would ever be asked again. */
final class DriverErrorTest {

  @Test
  void shouldAnswerWhenAnErrorIsThrownWhereAConnectionIsOpened() {
    // Given
    DatabaseConfig config =
        new DatabaseConfig(
            Town.NAME,
            List.of(new DatabaseConfig.Server("127.0.0.1", 1)),
            "postgres",
            "service",
            Optional.of(() -> {
              throw new NoClassDefFoundError("org/postgresql/Something");
            }),
            Optional.empty(),
            1,
            DatabaseConfig.DEFAULT_SCAN_INTERVAL,
            Set.of());
    try (Town town = new Town(config)) {

      // When
      Scan scan = town.prepared();
      Completed completed = town.commit("hf1_%032x_%016x_1_7_j.0_a:1".formatted(1, 2), 7);

      // Then
      assertThat(scan)
          .isInstanceOfSatisfying(
              Scan.Failed.class,
              it -> assertThat(it.reason()).contains("NoClassDefFoundError", "Something"));
      assertThat(completed).isInstanceOf(Completed.Failed.class);
      assertThat(town.check().ready()).isFalse();
    }
  }
}
