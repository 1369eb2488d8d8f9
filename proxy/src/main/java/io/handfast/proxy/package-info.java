/** The data plane and the executable. */
@NullMarked
package io.handfast.proxy;

import org.jspecify.annotations.NullMarked;
