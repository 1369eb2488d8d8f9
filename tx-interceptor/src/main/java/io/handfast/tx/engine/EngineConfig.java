package io.handfast.tx.engine;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.PeerIdentity;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who this sidecar is and what it keeps. Immutable.
 *
 * @param service the service beside it
 * @param authority where its control service answers
 * @param maxTransactions transactions begun here that may run at the same time
 * @param retention how long the outcome of an ended transaction stays visible to operators
 * @param traceQuarantine how long a trace-id must have been without a branch before it may name one
 *     again (T4)
 * @param identity that this sidecar's certificate names, asked for each transaction by any thread;
 *     empty where sidecars prove nothing to each other (T20)
 * @param decider where any replica of the service answers inquiries from a store that they share
 *     (T19); empty: at {@code authority}
 */
public record EngineConfig(
    String service,
    Authority authority,
    int maxTransactions,
    Duration retention,
    Duration traceQuarantine,
    Supplier<Optional<PeerIdentity>> identity,
    Optional<Authority> decider) {

  /** Transactions that may run at the same time, by default. */
  public static final int DEFAULT_MAX_TRANSACTIONS = 10_000;

  /** How long outcomes stay visible, by default. */
  public static final Duration DEFAULT_RETENTION = Duration.ofMinutes(10);

  /** How long a trace-id is kept from naming a branch, by default (T4). */
  public static final Duration DEFAULT_TRACE_QUARANTINE = Duration.ofMinutes(15);

  public EngineConfig {
    if (service.isEmpty()) {
      throw new IllegalArgumentException("service: empty (expected: the service's name)");
    }
    if (maxTransactions < 1) {
      throw new IllegalArgumentException(
          "maxTransactions: " + maxTransactions + " (expected: 1 or more)");
    }
  }

  /** The defaults; nobody proves anything. */
  public static EngineConfig of(String service, Authority authority) {
    return new EngineConfig(
        service,
        authority,
        DEFAULT_MAX_TRANSACTIONS,
        DEFAULT_RETENTION,
        DEFAULT_TRACE_QUARANTINE,
        Optional::empty,
        Optional.empty());
  }
}
