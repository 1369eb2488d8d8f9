/**
 * What the drivers of the machines stand on: the records that the store keeps, the words of
 * messages, the memory of what is over, and the bounds of it all.
 */
@NullMarked
package io.handfast.tx.engine.base;

import org.jspecify.annotations.NullMarked;
