package io.handfast.xds.protocol;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Delays that grow: {@code initial}, then each {@code multiplier} times the one before up to {@code
 * max}, all ± {@code jitter}. Confined to its user.
 */
public final class Backoff {

  private final Policy policy;
  private final RandomGenerator random;
  private double nextNanos;

  /**
   * How delays grow.
   *
   * @param jitter share of a delay by which it may be longer or shorter, in [0, 1)
   */
  public record Policy(Duration initial, Duration max, double multiplier, double jitter) {

    /** gRPC's connection back-off. */
    public static final Policy GRPC =
        new Policy(Duration.ofSeconds(1), Duration.ofMinutes(2), 1.6, 0.2);

    public Policy {
      if (initial.isNegative() || initial.isZero() || initial.compareTo(max) > 0) {
        throw new IllegalArgumentException(
            "initial: " + initial + " (expected: > 0 and <= " + max + ")");
      }
      if (multiplier < 1) {
        throw new IllegalArgumentException("multiplier: " + multiplier + " (expected: >= 1)");
      }
      if (jitter < 0 || jitter >= 1) {
        throw new IllegalArgumentException("jitter: " + jitter + " (expected: in [0, 1))");
      }
    }
  }

  /** At its beginning. */
  public Backoff(Policy policy, RandomGenerator random) {
    this.policy = policy;
    this.random = random;
    this.nextNanos = (double) policy.initial().toNanos();
  }

  /** The next delay. */
  public Duration next() {
    double nanos = nextNanos;
    nextNanos = Math.min(nanos * policy.multiplier(), (double) policy.max().toNanos());
    double factor = 1 + policy.jitter() * (2 * random.nextDouble() - 1);
    return Duration.ofNanos(Math.round(nanos * factor));
  }

  /** Begins anew. */
  public void reset() {
    nextNanos = (double) policy.initial().toNanos();
  }
}
