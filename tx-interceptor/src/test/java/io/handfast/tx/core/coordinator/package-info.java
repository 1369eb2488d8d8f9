/** Tests of the coordinator: each row, and the rules by their numbers. */
@NullMarked
package io.handfast.tx.core.coordinator;

import org.jspecify.annotations.NullMarked;
