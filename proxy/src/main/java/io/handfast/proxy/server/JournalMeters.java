package io.handfast.proxy.server;

import io.handfast.tx.engine.JournalStore;
import io.handfast.tx.journal.JournalStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The journal's counters as meters: {@code handfast_journal_*}. */
final class JournalMeters {

  private static final double NANOS = 1e9;

  private JournalMeters() {}

  static void bind(JournalStore store, MeterRegistry registry) {
    counter(registry, store, "appends", "records written", JournalStats::appends);
    counter(registry, store, "bytes", "bytes written, frames included", JournalStats::bytes);
    counter(registry, store, "refused", "appends refused", JournalStats::refused);
    counter(registry, store, "syncs", "fdatasync calls for group commits", JournalStats::syncs);
    counter(
        registry,
        store,
        "sync_seconds",
        "time in fdatasync",
        stats -> stats.totalSyncNanos() / NANOS);
    gauge(
        registry,
        store,
        "sync_max_seconds",
        "the longest fdatasync since the start",
        stats -> stats.maxSyncNanos() / NANOS);
    if (registry instanceof PrometheusMeterRegistry prometheus) {
      Collector batches = () -> batches(store.stats());
      prometheus.getPrometheusRegistry().register(batches);
    }
    counter(registry, store, "checkpoints", "checkpoints completed", JournalStats::checkpoints);
    gauge(
        registry,
        store,
        "queued_bytes",
        "payload that waits for the writer",
        JournalStats::queuedBytes);
    gauge(registry, store, "used_bytes", "what the segments take", JournalStats::usedBytes);
    gauge(registry, store, "max_bytes", "what the segments may take", JournalStats::maxBytes);
    gauge(registry, store, "segments", "segments on disk", JournalStats::segments);
    gauge(
        registry,
        store,
        "stopped",
        "1 if it has stopped for good",
        stats -> stats.stopped() ? 1 : 0);
  }

  /** The journal keeps powers of two: what is at most 1, 3, 7, …; the last bucket is open. */
  static HistogramSnapshot batches(JournalStats stats) {
    int buckets = stats.batchSizes().size();
    List<Double> bounds = new ArrayList<>(buckets);
    for (int i = 1; i < buckets; i++) {
      bounds.add((double) ((1L << i) - 1));
    }
    bounds.add(Double.POSITIVE_INFINITY);
    return HistogramSnapshot.builder()
        .name("handfast_journal_batch_records")
        .help("records that one fdatasync made durable")
        .dataPoint(
            HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, stats.batchSizes()))
                .sum((double) stats.appends())
                .build())
        .build();
  }

  private static void counter(
      MeterRegistry registry,
      JournalStore store,
      String name,
      String help,
      ToDoubleFunction<JournalStats> value) {
    FunctionCounter.builder(
            "handfast_journal_" + name, store, from -> value.applyAsDouble(from.stats()))
        .description(help)
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry,
      JournalStore store,
      String name,
      String help,
      ToDoubleFunction<JournalStats> value) {
    Gauge.builder("handfast_journal_" + name, store, from -> value.applyAsDouble(from.stats()))
        .description(help)
        .register(registry);
  }
}
