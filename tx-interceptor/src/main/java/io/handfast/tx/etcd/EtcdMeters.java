package io.handfast.tx.etcd;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** The counters of the store on etcd as meters: {@code handfast_etcd_*}. */
public final class EtcdMeters {
  private static final double NANOS = 1e9;

  private EtcdMeters() {}

  /** Binds them: read when they are scraped. */
  public static void bind(EtcdStore store, MeterRegistry registry) {
    counter(registry, store, "writes", "conditional writes answered", EtcdStats::writes);
    counter(registry, store, "batches", "round trips that carried them", EtcdStats::batches);
    counter(
        registry,
        store,
        "batch_seconds",
        "time of these round trips",
        stats -> stats.batchNanos() / NANOS);
    counter(registry, store, "failures", "round trips without an answer", EtcdStats::failures);
    counter(registry, store, "lost", "writes whose conditions did not hold", EtcdStats::lost);
    counter(registry, store, "claims", "records taken over from lost sidecars", EtcdStats::claims);
    counter(
        registry,
        store,
        "incarnations_lost",
        "times that this sidecar's lease was lost",
        EtcdStats::incarnationsLost);
    counter(
        registry,
        store,
        "looks_failed",
        "times that what lost sidecars left could not be read",
        EtcdStats::looksFailed);
    Gauge.builder("handfast_etcd_queued", store, from -> from.stats().queued())
        .description("writes that wait for a round trip")
        .register(registry);
  }

  private static void counter(
      MeterRegistry registry,
      EtcdStore store,
      String name,
      String help,
      ToDoubleFunction<EtcdStats> value) {
    FunctionCounter.builder(
            "handfast_etcd_" + name, store, from -> value.applyAsDouble(from.stats()))
        .description(help)
        .register(registry);
  }
}
