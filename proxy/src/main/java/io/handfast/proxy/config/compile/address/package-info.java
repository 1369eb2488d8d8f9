/** Envoy's addresses to ours. */
@NullMarked
package io.handfast.proxy.config.compile.address;

import org.jspecify.annotations.NullMarked;
