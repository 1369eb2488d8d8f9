package io.handfast.tx.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.port.Databases.Prepared;
import io.handfast.tx.port.Databases.Scan;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operators see of a database. */
class DatabaseMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private DatabaseMeters meters() {
    DatabaseConfig config = Town.config(List.of(new DatabaseConfig.Server("db", 5432)), "bank", 1);
    Pool pool =
        new Pool(
            database -> {
              throw new SQLException("nobody is asked");
            },
            1,
            Times.USUAL,
            System::nanoTime);
    return new DatabaseMeters(registry, "bank", pool, new Survey(config, pool));
  }

  private double value(String name) {
    return registry.get(name).tag("database", "bank").gauge().value();
  }

  @Test
  void shouldTellTheAgeOfTheOldestThatTheLastScanFound() {
    // Given
    DatabaseMeters meters = meters();
    assertThat(value("handfast.database.prepared.oldest")).isZero();

    // When
    meters.scanned(
        new Scan.Found(
            List.of(
                new Prepared("hf1_old", Duration.ofMillis(90_500)),
                new Prepared("hf1_young", Duration.ofSeconds(3))),
            true));

    // Then
    assertThat(value("handfast.database.prepared.oldest")).isEqualTo(90.5);
    assertThat(value("handfast.database.prepared")).isEqualTo(2);

    // When
    meters.scanned(new Scan.Failed("nobody answers"));

    // Then
    assertThat(value("handfast.database.prepared.oldest")).as("as it was").isEqualTo(90.5);
    assertThat(registry.get("handfast.database.scans.failed").counter().count()).isEqualTo(1);

    // When
    meters.scanned(new Scan.Found(List.of(), true));

    // Then
    assertThat(value("handfast.database.prepared.oldest")).isZero();
  }
}
