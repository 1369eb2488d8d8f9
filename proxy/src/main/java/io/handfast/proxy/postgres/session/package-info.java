/**
 * One connection of a service to its PostgreSQL server, as bytes: what the network filter does,
 * without a channel, a thread or a clock.
 *
 * <pre>
 *   client ─ Framer ─ ClientSide ──┬── forwarded as it is ─────────────── server
 *                      Pipeline    ├── Enlistment: BEGIN, lock_timeout ──
 *                      QueryJob    ├── Ends: COMMIT as PREPARE ──────────
 *                                  └── refused
 *   client ────────── ServerSide ─ Framer ─────────────────────────────── server
 *                     each message held against what is owed (Expectations)
 * </pre>
 *
 * <p>{@link io.handfast.proxy.postgres.session.PgSession} is the machine; {@link
 * io.handfast.proxy.postgres.session.PgSession.Out} is what it drives. Which branch a statement
 * belongs to and whether it may run, {@link io.handfast.proxy.postgres.session.Admission} says,
 * from what {@code sql} reads in its text and what {@link io.handfast.proxy.postgres.session.Block}
 * has seen. A message that needs the engine or the server's state stays at the head of the client's
 * bytes until that is there; so whatever is decided is decided of a state that is known.
 */
@NullMarked
package io.handfast.proxy.postgres.session;

import org.jspecify.annotations.NullMarked;
