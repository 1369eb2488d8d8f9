/** Tests of the header codec: forms, refusals, and properties over seeds. */
@NullMarked
package io.handfast.tx.context;

import org.jspecify.annotations.NullMarked;
