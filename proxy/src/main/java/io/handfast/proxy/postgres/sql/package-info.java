/**
 * SQL as the sidecar has to understand it: {@link io.handfast.proxy.postgres.sql.SqlScript} cuts
 * the text of a Query or Parse message into statements as PostgreSQL's scanner does, and says of
 * each what it is; {@link io.handfast.proxy.postgres.sql.SqlIdentity} is what its comments name;
 * {@link io.handfast.proxy.postgres.sql.SqlGlance} tells in one pass that there is nothing to see.
 *
 * <p>Pure: bytes in, records out. Linear in the length of the text, however it was made; nothing
 * here holds on to the bytes.
 */
@NullMarked
package io.handfast.proxy.postgres.sql;

import org.jspecify.annotations.NullMarked;
