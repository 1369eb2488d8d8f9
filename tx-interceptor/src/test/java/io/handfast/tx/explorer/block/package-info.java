/**
 * Every history of a transaction whose services have their blocks of SQL prepared in a database: at
 * the sidecar through which each came, and at another that finds it there. {@link
 * io.handfast.tx.explorer.block.BlockWorld} is the state.
 */
@NullMarked
package io.handfast.tx.explorer.block;

import org.jspecify.annotations.NullMarked;
