/**
 * Deliberately wrong machines: the proof that the checkers can fail. {@link
 * io.handfast.tx.mutants.MutantsTest} prints who is caught by what.
 */
@NullMarked
package io.handfast.tx.mutants;

import org.jspecify.annotations.NullMarked;
