package io.handfast.proxy.server;

import io.handfast.tx.engine.JournalStore;
import io.handfast.tx.journal.JournalStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
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
