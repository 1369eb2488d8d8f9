package io.handfast.proxy.server;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.random.RandomGenerator;

/**
 * What a sidecar takes from its surroundings. Immutable, thread-safe.
 *
 * @param nanoTime monotonic, in nanoseconds
 * @param epochMillis time of day, in milliseconds since 1970
 * @param secrets thread-safe, without a lock, and not to be foreseen: ids are drawn from it
 * @param draw an evenly drawn number from 0 up to its argument; thread-safe, for weights
 */
public record Ambient(
    LongSupplier nanoTime,
    LongSupplier epochMillis,
    RandomGenerator secrets,
    LongUnaryOperator draw) {

  /** The system's. */
  public static Ambient system() {
    return new Ambient(
        System::nanoTime,
        System::currentTimeMillis,
        new SecretRandom(),
        bound -> ThreadLocalRandom.current().nextLong(bound));
  }
}
