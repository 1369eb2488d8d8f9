/**
 * The machine of one transaction at its coordinator: {@link
 * io.handfast.tx.core.coordinator.CoordinatorState}, what may happen to it ({@link
 * io.handfast.tx.core.coordinator.CoordinatorEvent}) and what it asks for ({@link
 * io.handfast.tx.core.coordinator.CoordinatorEffect}).
 */
@NullMarked
package io.handfast.tx.core.coordinator;

import org.jspecify.annotations.NullMarked;
