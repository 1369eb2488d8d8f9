/** Tests of the values, and of what the core may know. */
@NullMarked
package io.handfast.tx.core;

import org.jspecify.annotations.NullMarked;
