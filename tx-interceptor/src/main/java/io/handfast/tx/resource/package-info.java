/**
 * How a branch is prepared and completed on behalf of the service: one class per participation
 * mode.
 *
 * <p>{@link io.handfast.tx.resource.CallbackMode} compiles a route's policy once; for each branch
 * it fills {@link io.handfast.tx.resource.CallbackTemplate}s from {@link
 * io.handfast.tx.resource.TryFacts} into {@link io.handfast.transaction.v1.Completion}s, which a
 * store keeps and the engine sends. Pure: no I/O, thread or clock.
 */
@NullMarked
package io.handfast.tx.resource;

import org.jspecify.annotations.NullMarked;
