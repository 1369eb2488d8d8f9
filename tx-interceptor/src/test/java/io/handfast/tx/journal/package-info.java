/** Tests of the durable log, and the disk that loses, tears and refuses. */
@NullMarked
package io.handfast.tx.journal;

import org.jspecify.annotations.NullMarked;
