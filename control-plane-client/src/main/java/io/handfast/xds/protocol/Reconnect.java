package io.handfast.xds.protocol;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When to open the next stream. A stream that brought a response was a good one: the back-off
 * begins anew, and what the stream has lasted counts towards its first delay, so that one that
 * lived for a while is followed at once. Confined to its user.
 */
public final class Reconnect {

  private final Backoff backoff;

  /** Nothing has failed yet. */
  public Reconnect(Backoff.Policy policy, RandomGenerator random) {
    this.backoff = new Backoff(policy, random);
  }

  /**
   * How long to wait now that a stream is over.
   *
   * @param responded whether it brought a response
   * @param lasted since it was begun
   */
  public Duration delay(boolean responded, Duration lasted) {
    if (responded) {
      backoff.reset();
    }
    Duration left = backoff.next().minus(responded ? lasted : Duration.ZERO);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
