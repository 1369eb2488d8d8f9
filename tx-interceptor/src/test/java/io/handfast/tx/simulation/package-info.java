/**
 * A deterministic world for the two machines: sidecars with journals, services, a network and
 * crashes, all drawn from a seed. {@link io.handfast.tx.simulation.World} runs it, {@link
 * io.handfast.tx.simulation.Invariants} says what must hold.
 */
@NullMarked
package io.handfast.tx.simulation;

import org.jspecify.annotations.NullMarked;
