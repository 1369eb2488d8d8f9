/** What the overload manager watches, and what it does. Immutable records. */
@NullMarked
package io.handfast.proxy.config.overload;

import org.jspecify.annotations.NullMarked;
