/** The transaction core and its shells. */
@NullMarked
package io.handfast.tx;

import org.jspecify.annotations.NullMarked;
