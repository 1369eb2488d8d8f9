/**
 * Services that write to PostgreSQL, for {@code benchmarks/run pg}: with a sidecar that turns their
 * COMMIT into a vote, and with PREPARE TRANSACTION and COMMIT PREPARED written by hand.
 */
@NullMarked
package io.handfast.benchmarks.pg;

import org.jspecify.annotations.NullMarked;
