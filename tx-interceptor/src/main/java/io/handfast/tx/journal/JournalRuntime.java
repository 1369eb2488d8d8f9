package io.handfast.tx.journal;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a journal takes from its surroundings. Immutable.
 *
 * @param nanoClock monotonic nanoseconds, such as {@code System::nanoTime}; bounds how long a lazy
 *     record waits and times the syncs, nothing else
 * @param random draws the store-id once: a secure source, so that no two stores share one
 * @param executor where {@code onStopped} runs
 * @param onStopped told, once, when the journal has stopped for good: readiness goes false
 */
public record JournalRuntime(
    LongSupplier nanoClock,
    RandomGenerator random,
    Executor executor,
    Consumer<JournalFailure> onStopped) {}
