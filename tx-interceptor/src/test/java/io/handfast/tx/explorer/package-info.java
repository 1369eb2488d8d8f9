/**
 * An exhaustive search: every order in which things can happen to one transaction in a small world,
 * with bounded faults, through the very machines that run in the sidecar.
 *
 * <p>{@link io.handfast.tx.explorer.search.Search} walks any {@link
 * io.handfast.tx.explorer.search.World} breadth first, so that what it finds is shortest, and draws
 * it as a {@link io.handfast.tx.explorer.search.Chart}. {@link
 * io.handfast.tx.explorer.JournalWorld} is two-phase commit on journals; another store or protocol
 * is another world. {@link io.handfast.tx.explorer.Machines} are the machines, real or with one
 * thing wrong.
 */
@NullMarked
package io.handfast.tx.explorer;

import org.jspecify.annotations.NullMarked;
