/**
 * Two-phase commit where all sidecars keep their records in one etcd, under conditions, and each
 * has a replica that carries on what it leaves: searched whole, like {@link
 * io.handfast.tx.explorer.JournalWorld}. A sidecar that was silent for too long may wake, and goes
 * on as if nothing had been (rules T18 and T19).
 *
 * <p>The machines are those of the sidecar. The store is a model: {@link
 * io.handfast.tx.explorer.etcd.Conditions} says under which conditions its writes are made.
 */
@NullMarked
package io.handfast.tx.explorer.etcd;

import org.jspecify.annotations.NullMarked;
