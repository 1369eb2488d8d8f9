/**
 * The machine of one branch: {@link io.handfast.tx.core.participant.ParticipantState}, what may
 * happen to it ({@link io.handfast.tx.core.participant.ParticipantEvent}) and what it asks for
 * ({@link io.handfast.tx.core.participant.ParticipantEffect}).
 */
@NullMarked
package io.handfast.tx.core.participant;

import org.jspecify.annotations.NullMarked;
