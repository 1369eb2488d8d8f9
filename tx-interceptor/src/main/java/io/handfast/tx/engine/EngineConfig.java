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
 * @param limits what transactions may take here
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
    Limits limits,
    Duration retention,
    Duration traceQuarantine,
    Supplier<Optional<PeerIdentity>> identity,
    Optional<Authority> decider) {

  /**
   * What transactions may take here. Immutable.
   *
   * @param transactions begun here that may run at the same time
   * @param branches of one transaction, as far as they are known here: the branch that runs here
   *     and all below it
   * @param bytes that the requests which complete one transaction's branches here may take, in
   *     memory and in the store
   * @param time that one transaction may take, whatever a route or a caller allows
   */
  public record Limits(int transactions, int branches, int bytes, Duration time) {
    /** By default: 10,000 transactions, each of 1,024 branches, 1 MiB and an hour. */
    public static final Limits DEFAULT = new Limits(10_000, 1_024, 1 << 20, Duration.ofHours(1));

    public Limits {
      atLeastOne("transactions", transactions);
      atLeastOne("branches", branches);
      atLeastOne("bytes", bytes);
      atLeastOne("time in milliseconds", time.toMillis());
    }

    private static void atLeastOne(String name, long value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
      }
    }
  }

  /** How long outcomes stay visible, by default. */
  public static final Duration DEFAULT_RETENTION = Duration.ofMinutes(10);

  /** How long a trace-id is kept from naming a branch, by default (T4). */
  public static final Duration DEFAULT_TRACE_QUARANTINE = Duration.ofMinutes(15);

  public EngineConfig {
    if (service.isEmpty()) {
      throw new IllegalArgumentException("service: empty (expected: the service's name)");
    }
  }

  /** The defaults; nobody proves anything. */
  public static EngineConfig of(String service, Authority authority) {
    return new EngineConfig(
        service,
        authority,
        Limits.DEFAULT,
        DEFAULT_RETENTION,
        DEFAULT_TRACE_QUARANTINE,
        Optional::empty,
        Optional.empty());
  }
}
