package io.handfast.xds.stream;

import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a client is given to run on.
 *
 * @param executor runs one task at a time; not an event loop, for responses are parsed and checked
 *     on it
 * @param nanoTime the clock that {@link System#nanoTime()} reads
 * @param random for jitter
 * @param events what is counted
 */
public record ClientRuntime(
    ScheduledExecutorService executor,
    LongSupplier nanoTime,
    RandomGenerator random,
    StreamEvents events) {}
