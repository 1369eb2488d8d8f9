/** Parts of a listener that need nothing but themselves to be compiled. */
@NullMarked
package io.handfast.proxy.config.compile.listener;

import org.jspecify.annotations.NullMarked;
