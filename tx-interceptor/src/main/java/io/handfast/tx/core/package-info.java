/**
 * The protocol, pure: ids, votes and the two machines of a transaction, with no input or output,
 * clock, randomness, thread or log.
 *
 * <p>A machine is a function {@code step(state, event)} to a {@link
 * io.handfast.tx.core.Transition}: the next state and the effects that its shell must carry out, in
 * their order. "The record is forced before the message goes" is therefore two steps, the force
 * being an effect of the first and its durability the event of the second.
 *
 * <ul>
 *   <li>{@link io.handfast.tx.core.participant}: a branch, at the sidecar of the service that works
 *       on it
 *   <li>{@link io.handfast.tx.core.coordinator}: a transaction, at the sidecar where it began
 * </ul>
 */
@NullMarked
package io.handfast.tx.core;

import org.jspecify.annotations.NullMarked;
