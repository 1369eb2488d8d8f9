/** What is done to a journal of transactions while no sidecar has it open. */
@NullMarked
package io.handfast.tx.engine.offline;

import org.jspecify.annotations.NullMarked;
