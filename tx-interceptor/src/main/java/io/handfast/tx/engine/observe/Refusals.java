package io.handfast.tx.engine.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** What was not taken on, by reason. Counting allocates nothing. Thread-safe. */
public final class Refusals {

  /** Why a request was not taken on, or a transaction not let grow. */
  public enum Reason {
    /** The store is being read. */
    STARTING,
    /** The sidecar is about to stop. */
    DRAINING,
    /** The store takes nothing new. */
    STORE,
    /** No time is left, or the time that one transaction may take is over. */
    DEADLINE,
    /** The predicted success is below the route's floor. */
    ADMISSION,
    /** As many transactions run as may. */
    MAX_TRANSACTIONS,
    /** As many branches are in flight as may. */
    BRANCHES_IN_FLIGHT,
    /** The transaction has as many branches as it may. */
    MAX_BRANCHES,
    /** The transaction holds as many bytes as it may. */
    MAX_BYTES,
    /** As many ends stay for people as may (T21). */
    KEPT
  }

  private final Map<Reason, Counter> counters = new EnumMap<>(Reason.class);

  Refusals(MeterRegistry registry) {
    for (Reason reason : Reason.values()) {
      counters.put(
          reason,
          Counter.builder("handfast.tx.refused")
              .description("Requests that were not taken into a transaction, by reason")
              .tag("reason", Names.lower(reason))
              .register(registry));
    }
  }

  void count(Reason reason) {
    Counter counter = counters.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }
}
