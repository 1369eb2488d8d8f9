package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.postgres.PostgresStats;
import io.handfast.proxy.stats.PrometheusText;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.stats.StatsFilter;
import io.handfast.tx.postgres.DatabaseConfig;
import io.handfast.tx.postgres.PostgresDatabases;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a scrape shows of databases is what METRICS.md says, and the other way round. */
final class DatabaseMetricsTest {
  private static final Path DOCUMENT = Path.of("../docs/METRICS.md");

  @Test
  void shouldDocumentEveryMeterOfDatabasesAndNoOther() throws Exception {
    // Given
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    DatabaseConfig config =
        new DatabaseConfig(
            "orders",
            List.of(new DatabaseConfig.Server("127.0.0.1", 1)),
            "orders",
            "orders",
            Optional.empty(),
            Optional.empty(),
            1,
            DatabaseConfig.DEFAULT_SCAN_INTERVAL,
            Set.of());

    // When
    try (PostgresDatabases databases =
        new PostgresDatabases("front", List.of(config), registry, System::nanoTime)) {
      assertThat(databases.names()).containsExactly("orders");

      // Then
      assertThat(names("(?m)^# TYPE (handfast_database_[a-z_]+(?<!_max)) ", registry.scrape()))
          .isEqualTo(names("(?m)^\\| `(handfast_database_[a-z_]+)` ", Files.readString(DOCUMENT)));
    }
  }

  @Test
  void shouldDocumentEveryCounterOfThePostgresFilterAndNoOther() throws Exception {
    // Given
    Stats stats = new Stats();
    assertThat(new PostgresStats(stats, "orders").sessions.value()).isZero();

    // When
    String scrape = PrometheusText.render(stats, StatsFilter.ALL);

    // Then: those of TLS are as of listeners
    assertThat(names("(?m)^# TYPE (envoy_postgres_(?!ssl_)[a-z_]+) ", scrape))
        .isEqualTo(names("(?m)^\\| `(envoy_postgres_[a-z_]+)` ", Files.readString(DOCUMENT)));
    assertThat(scrape).contains("envoy_postgres_ssl_handshake");
  }

  private static Set<String> names(String pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher name = Pattern.compile(pattern).matcher(text);
    while (name.find()) {
      names.add(name.group(1));
    }
    assertThat(names).as(pattern).isNotEmpty();
    return names;
  }
}
