package io.handfast.tx.etcd;

import java.util.concurrent.atomic.AtomicLong;

/** The store's counters. Thread-safe; counted on the engine's loop. */
final class Counters {
  final AtomicLong writes = new AtomicLong();
  final AtomicLong batches = new AtomicLong();
  final AtomicLong batchNanos = new AtomicLong();
  final AtomicLong failures = new AtomicLong();
  final AtomicLong lost = new AtomicLong();
  final AtomicLong claims = new AtomicLong();
  final AtomicLong incarnationsLost = new AtomicLong();
  final AtomicLong looksFailed = new AtomicLong();
  final AtomicLong queued = new AtomicLong();

  EtcdStats snapshot() {
    return new EtcdStats(
        writes.get(),
        batches.get(),
        batchNanos.get(),
        failures.get(),
        lost.get(),
        claims.get(),
        incarnationsLost.get(),
        looksFailed.get(),
        queued.get());
  }
}
