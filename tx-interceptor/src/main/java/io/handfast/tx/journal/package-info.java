/**
 * The embedded durable log of the transaction store: opaque records, appended in one order, forced
 * in groups, replayed at start.
 *
 * <p>The way of an append: {@link io.handfast.tx.journal.Journal#append} puts it in a bounded queue
 * and returns at once; the one writer thread ({@code GroupCommitter}) takes everything that waits,
 * writes it to the newest segment, forces it with one {@code fdatasync} and hands each caller's
 * executor its completions.
 *
 * <p>The way of a start: {@code Recovery} reads the segments, tells a torn tail from damage, writes
 * what survives of an unproven tail into a new segment and forces it, then replays from the last
 * complete checkpoint. Only after that does the journal take appends.
 *
 * <p>A write or sync that fails stops the journal for good: what the page cache holds after a
 * failed sync is unknown, so nothing is retried. The on-disk format stands in {@code
 * docs/adr/0005-journal.md}.
 */
@NullMarked
package io.handfast.tx.journal;

import org.jspecify.annotations.NullMarked;
