/** Tests of the participant: each row, and the rules by their numbers. */
@NullMarked
package io.handfast.tx.core.participant;

import org.jspecify.annotations.NullMarked;
