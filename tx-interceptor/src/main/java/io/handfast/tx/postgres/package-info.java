/**
 * Completes what was prepared in PostgreSQL, over connections of this sidecar's own: the shell
 * behind {@link io.handfast.tx.port.Databases}.
 *
 * <p>{@link io.handfast.tx.postgres.DatabaseConfig} says which servers, as whom, and by what TLS.
 * Nothing of the driver is loaded before a database is first asked something.
 */
@NullMarked
package io.handfast.tx.postgres;

import org.jspecify.annotations.NullMarked;
