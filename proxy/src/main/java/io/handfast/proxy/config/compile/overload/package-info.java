/** From {@code overload_manager} to its records. */
@NullMarked
package io.handfast.proxy.config.compile.overload;

import org.jspecify.annotations.NullMarked;
