/**
 * One connection of a service to its PostgreSQL server, as bytes: what the network filter does,
 * without a channel, a thread or a clock.
 *
 * <p>{@link io.handfast.proxy.postgres.session.PgSession} is the machine; {@link
 * io.handfast.proxy.postgres.session.PgSession.Out} is what it drives.
 */
@NullMarked
package io.handfast.proxy.postgres.session;

import org.jspecify.annotations.NullMarked;
