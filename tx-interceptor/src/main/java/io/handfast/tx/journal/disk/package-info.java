/** The directory of a journal as the journal sees it, and the real one. */
@NullMarked
package io.handfast.tx.journal.disk;

import org.jspecify.annotations.NullMarked;
