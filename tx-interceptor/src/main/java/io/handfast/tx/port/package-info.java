/**
 * The ports of the transaction engine: what its shells implement for it, and the one that it
 * implements for them.
 *
 * <p>{@link io.handfast.tx.port.EngineLoop} is where it runs, {@link
 * io.handfast.tx.port.TransactionStore} where it writes, {@link io.handfast.tx.port.Peers} how it
 * speaks to other sidecars and {@link io.handfast.tx.port.ControlHandler} how they speak to it,
 * {@link io.handfast.tx.port.LocalService} how the service beside us is called to confirm or
 * cancel. Messages and records are those of {@code handfast.transaction.v1}.
 */
@NullMarked
package io.handfast.tx.port;

import org.jspecify.annotations.NullMarked;
