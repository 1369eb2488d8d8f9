package io.handfast.tx.engine.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is prepared in databases, as the last scan has found it. Thread-safe. */
final class DatabaseMeters {
  private record Found(int count, double oldestSeconds) {
    static final Found NOTHING = new Found(0, 0);
  }

  private final MeterRegistry registry;
  private final Map<String, Found> databases = new ConcurrentHashMap<>();

  DatabaseMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void found(String database, int count, Duration oldest) {
    if (databases.put(database, new Found(count, oldest.toMillis() / 1e3)) == null) {
      Gauge.builder("handfast.database.prepared", databases, it -> of(it, database).count())
          .description("Transactions of the mesh that are prepared in the database")
          .tag("database", database)
          .register(registry);
      Gauge.builder(
              "handfast.database.prepared.oldest.age",
              databases,
              it -> of(it, database).oldestSeconds())
          .baseUnit("seconds")
          .description("Age of the oldest of these, as of the last scan")
          .tag("database", database)
          .register(registry);
    }
  }

  private static Found of(Map<String, Found> databases, String database) {
    return databases.getOrDefault(database, Found.NOTHING);
  }
}
