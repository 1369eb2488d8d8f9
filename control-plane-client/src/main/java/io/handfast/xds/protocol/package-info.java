/**
 * What is said on an xDS stream, without the stream: {@link io.handfast.xds.protocol.StreamMachine}
 * takes an {@link io.handfast.xds.protocol.Event} and returns {@link
 * io.handfast.xds.protocol.Effect}s. Nothing here does input or output, waits, or reads a clock.
 *
 * <p>A response goes: {@code Received} → {@code Deliver} → whoever holds the configuration checks
 * and keeps it → {@code Applied} → {@code Send} of an ACK or NACK and {@code ReadNext}. So reading
 * waits for applying, and there is at most one response on its way in a stream.
 */
@NullMarked
package io.handfast.xds.protocol;

import org.jspecify.annotations.NullMarked;
