package io.handfast.tx.postgres;

import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Prepared;
import io.handfast.tx.port.Databases.Scan;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** What is counted of one database: {@code handfast_database_*}. Thread-safe. */
final class DatabaseMeters {
  private final MeterRegistry registry;
  private final String database;
  private final Counter scansFailed;

  /** Of the last scan that succeeded. */
  private volatile List<Prepared> prepared = List.of();

  DatabaseMeters(MeterRegistry registry, String database, Pool pool, Survey survey) {
    this.registry = registry;
    this.database = database;
    connections(pool, "used", Pool::used);
    connections(pool, "idle", Pool::idle);
    scansFailed =
        Counter.builder("handfast.database.scans.failed")
            .description("looks for prepared transactions that nobody answered")
            .tag("database", database)
            .register(registry);
    Gauge.builder("handfast.database.prepared", this, it -> it.prepared.size())
        .description("prepared transactions of the mesh that the last scan found")
        .tag("database", database)
        .register(registry);
    Gauge.builder("handfast.database.prepared.oldest", this, DatabaseMeters::oldest)
        .description("age of the oldest of these when it was found")
        .baseUnit("seconds")
        .tag("database", database)
        .register(registry);
    Gauge.builder("handfast.database.prepared.others", survey, Survey::others)
        .description(
            "those that this sidecar may not complete, or that are not what their names say")
        .tag("database", database)
        .register(registry);
    for (Completion.Verb verb : Completion.Verb.values()) {
      for (Class<?> result : Completed.class.getPermittedSubclasses()) {
        completions(verb, result);
      }
    }
  }

  private void connections(Pool pool, String state, ToDoubleFunction<Pool> value) {
    Gauge.builder("handfast.database.connections", pool, value)
        .description("connections of this sidecar's own")
        .tag("database", database)
        .tag("state", state)
        .register(registry);
  }

  private double oldest() {
    List<Prepared> all = prepared;
    return all.isEmpty() ? 0 : all.getFirst().age().toMillis() / 1e3;
  }

  void completed(Completion.Verb verb, Completed completed, long nanos) {
    completions(verb, completed.getClass()).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer completions(Completion.Verb verb, Class<?> result) {
    return Timer.builder("handfast.database.completion")
        .description("COMMIT PREPARED and ROLLBACK PREPARED")
        .tag("database", database)
        .tag("outcome", verb.name().toLowerCase(Locale.ROOT))
        .tag("result", result.getSimpleName().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  void scanned(Scan scan) {
    switch (scan) {
      case Scan.Found found -> prepared = found.prepared();
      case Scan.Failed _ -> scansFailed.increment();
    }
  }
}
