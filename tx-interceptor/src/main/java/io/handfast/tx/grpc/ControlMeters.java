package io.handfast.tx.grpc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;

/** What is counted of the messages that this sidecar sends. Thread-safe. */
final class ControlMeters {

  /** Messages of one kind. */
  static final class Of {
    private final DistributionSummary batch;
    private final Counter unanswered;

    private Of(MeterRegistry registry, String rpc) {
      batch =
          DistributionSummary.builder("handfast.tx.control.batch")
              .description("Items of one message to another sidecar's control service")
              .tag("rpc", rpc)
              .register(registry);
      unanswered =
          Counter.builder("handfast.tx.control.unanswered")
              .description("Messages to other sidecars that were refused or not answered in time")
              .tag("rpc", rpc)
              .register(registry);
    }

    void sent(int items) {
      batch.record(items);
    }

    void unanswered() {
      unanswered.increment();
    }
  }

  final Of outcome;
  final Of prepare;
  final Of inquire;
  final Of terminate;
  final Of vote;

  ControlMeters(MeterRegistry registry) {
    outcome = new Of(registry, "outcome");
    prepare = new Of(registry, "prepare");
    inquire = new Of(registry, "inquire");
    terminate = new Of(registry, "terminate");
    vote = new Of(registry, "vote");
  }
}
